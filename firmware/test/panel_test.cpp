// The panel without its hardware, spoken to as a host does.
#include "../panel/panel.h"

#include <random>

#include "../panel/firmata.h"
#include "check.h"

using namespace swipe;

namespace {

std::vector<uint8_t> sent;
void keep(uint8_t byte) { sent.push_back(byte); }

struct Bench {
  Panel panel{keep};
  uint32_t nowMs = 0;
  bool isDown[BUTTON_COUNT] = {false, false};

  explicit Bench(uint8_t cause = 0) {
    sent.clear();
    panel.start(cause, nowMs);
    sent.clear();
  }

  std::vector<uint8_t> say(const std::vector<uint8_t> &bytes) {
    sent.clear();
    for (uint8_t byte : bytes) panel.receive(byte, nowMs);
    return sent;
  }

  std::vector<uint8_t> pass(uint32_t ms) {
    sent.clear();
    for (uint32_t until = nowMs + ms; nowMs != until; ++nowMs) panel.tick(isDown, nowMs);
    return sent;
  }

  void beat() { say({0xF0, SWIPE_HEARTBEAT, 500 & 0x7F, 500 >> 7, 0xF7}); }
};

using Bytes = std::vector<uint8_t>;

}  // namespace

TEST(aPanelTellsVersionAndNameAtItsStart) {
  sent.clear();
  Panel panel(keep);
  panel.start(0, 0);
  Bytes wanted = {REPORT_VERSION, 2, 5, 0xF0, REPORT_FIRMWARE, 1, 0};
  for (char character : std::string("swipe-panel")) {
    wanted.push_back(character);
    wanted.push_back(0);
  }
  wanted.push_back(0xF7);
  CHECK_SAME(sent, wanted);
}

TEST(onlyTheUsedPinsHaveModes) {
  Bench bench;
  Bytes wanted = {0xF0, CAPABILITY_RESPONSE};
  for (int pin = 0; pin < 20; ++pin) {
    if (pin == 2 || pin == 3) wanted.insert(wanted.end(), {0x00, 1, 0x0B, 1});
    if (pin == 6 || pin == 9 || pin == 10) wanted.insert(wanted.end(), {0x01, 1, 0x03, 8});
    wanted.push_back(0x7F);
  }
  wanted.push_back(0xF7);
  CHECK_SAME(bench.say({0xF0, CAPABILITY_QUERY, 0xF7}), wanted);
  Bytes analog = {0xF0, ANALOG_MAPPING_RESPONSE};
  analog.insert(analog.end(), 20, 127);
  analog.push_back(0xF7);
  CHECK_SAME(bench.say({0xF0, ANALOG_MAPPING_QUERY, 0xF7}), analog);
}

TEST(pinStatesAreToldAndUnknownPinsAreDropped) {
  Bench bench;
  bench.say({SET_PIN_MODE, 9, MODE_PWM, 0xE9, 72, 1});
  CHECK_SAME(bench.say({0xF0, PIN_STATE_QUERY, 9, 0xF7}), (Bytes{0xF0, PIN_STATE_RESPONSE, 9, MODE_PWM, 72, 1, 0xF7}));
  CHECK_SAME(bench.say({0xF0, PIN_STATE_QUERY, 2, 0xF7}), (Bytes{0xF0, PIN_STATE_RESPONSE, 2, MODE_PULLUP, 1, 0, 0xF7}));
  CHECK_SAME(bench.say({0xF0, PIN_STATE_QUERY, 11, 0xF7}), (Bytes{0xF0, PIN_STATE_RESPONSE, 11, MODE_NONE, 0, 0, 0xF7}));
  CHECK_SAME(bench.say({0xF0, PIN_STATE_QUERY, 20, 0xF7}), Bytes{});
  CHECK_SAME(bench.say({0xF0, PIN_STATE_QUERY, 0xF7}), Bytes{});
}

TEST(writtenColoursShowWhileTheHeartbeatLasts) {
  Bench bench;
  bench.say({SET_PIN_MODE, 9, MODE_PWM, SET_PIN_MODE, 6, MODE_PWM, 0xE9, 100, 0, 0xF0, EXTENDED_ANALOG, 6, 127, 1, 0xF7});
  CHECK(bench.panel.colour(0).red == WAITING_LEVEL);
  bench.beat();
  CHECK(bench.panel.colour(bench.nowMs) == (Colour{100, 0, 255}));
  bench.pass(600);
  CHECK(!(bench.panel.colour(bench.nowMs) == (Colour{100, 0, 255})));
  bench.say({0xE9, 50, 0});
  CHECK(bench.panel.colour(bench.nowMs).blue == 0);
  bench.beat();
  CHECK(bench.panel.colour(bench.nowMs) == (Colour{50, 0, 255}));
}

TEST(pwmGoesToPwmPinsAndDigitalToDigitalOnes) {
  Bench bench;
  bench.beat();
  bench.say({0xE9, 100, 0});
  CHECK(bench.panel.colour(0) == (Colour{0, 0, 0}));
  bench.say({SET_DIGITAL_PIN, 9, 1, SET_DIGITAL_PIN, 2, 1, SET_DIGITAL_PIN, 127, 1});
  CHECK(bench.panel.colour(0) == (Colour{255, 0, 0}));
  bench.say({SET_PIN_MODE, 10, MODE_PWM, 0xEA, 7, 0, 0x91, 0x7F, 1, 0x9F, 0x7F, 1});
  CHECK(bench.panel.colour(0) == (Colour{255, 7, 0}));
  bench.say({0xEA, 0x7F, 0x7F, 0x91, 0, 0});
  CHECK(bench.panel.colour(0) == (Colour{0, 255, 0}));
  bench.say({SET_PIN_MODE, 10, 0x04, SET_PIN_MODE, 10, 0x00});
  CHECK(bench.panel.colour(0) == (Colour{0, 255, 0}));
  bench.say({0xFF});
  CHECK(bench.panel.colour(0) == (Colour{0, 0, 0}));
}

TEST(aLostHeartbeatIsToldAndItsReturnToo) {
  Bench bench(0x08);
  CHECK_SAME(bench.say({0xF0, SWIPE_STATE, 0xF7}), (Bytes{0xF0, SWIPE_STATE, 1, 8, 0, 0, 0, 0, 0, 0, 0xF7}));
  CHECK_SAME(bench.say({0xF0, SWIPE_HEARTBEAT, 500 & 0x7F, 500 >> 7, 0xF7}),
             (Bytes{0xF0, SWIPE_STATE, 0, 8, 0, 0, 0, 0, 0, 0, 0xF7}));
  CHECK_SAME(bench.pass(501), Bytes{});
  CHECK_SAME(bench.pass(1), (Bytes{0xF0, SWIPE_STATE, 1, 8, 0, 0, 1, 0, 0, 0, 0xF7}));
  CHECK_SAME(bench.pass(1000), Bytes{});
}

TEST(uptimeCountsSecondsAndStops) {
  Bench bench;
  bench.pass(200 * 1000 + 1);
  CHECK_SAME(bench.say({0xF0, SWIPE_STATE, 0xF7}), (Bytes{0xF0, SWIPE_STATE, 1, 0, 200 & 0x7F, 200 >> 7, 0, 0, 0, 0, 0xF7}));
  bench.pass(16400u * 1000);
  CHECK_SAME(bench.say({0xF0, SWIPE_STATE, 0xF7}), (Bytes{0xF0, SWIPE_STATE, 1, 0, 0x7F, 0x7F, 0, 0, 0, 0, 0xF7}));
}

TEST(buttonsAreReportedWhenAskedFor) {
  Bench bench;
  bench.isDown[0] = true;
  CHECK_SAME(bench.pass(10), Bytes{});
  CHECK_SAME(bench.say({0xD0, 1}), (Bytes{0x90, 0x08, 0}));
  CHECK_SAME(bench.say({0xD1, 1}), Bytes{});
  bench.isDown[1] = true;
  CHECK_SAME(bench.pass(6), Bytes{});
  CHECK_SAME(bench.pass(1), (Bytes{0x90, 0x00, 0}));
  bench.isDown[0] = bench.isDown[1] = false;
  CHECK_SAME(bench.pass(10), (Bytes{0x90, 0x0C, 0}));
  bench.say({0xD0, 0});
  bench.isDown[0] = true;
  CHECK_SAME(bench.pass(10), Bytes{});
  CHECK_SAME(bench.say({0xF0, SWIPE_STATE, 0xF7})[2], 3);
}

TEST(signalsSoundOnlyForALiveGateway) {
  Bench bench;
  const Bytes signal = {0xF0, SWIPE_SIGNAL, 1000 & 0x7F, 1000 >> 7, 2000 & 0x7F, 2000 >> 7, 0xF7};
  bench.say(signal);
  CHECK_SAME(bench.panel.frequencyHz(0), 0);
  bench.beat();
  bench.say(signal);
  CHECK_SAME(bench.panel.frequencyHz(bench.nowMs), 1000);
  bench.pass(502);
  CHECK_SAME(bench.panel.frequencyHz(bench.nowMs), 0);
}

TEST(messagesOfAWrongLengthAreCounted) {
  Bench bench;
  bench.say({0xF0, SWIPE_HEARTBEAT, 1, 0xF7, 0xF0, SWIPE_SIGNAL, 1, 0xF7, 0xF0, EXTENDED_ANALOG, 9, 0xF7});
  bench.say({0xF0, SWIPE_HEARTBEAT, 1, 2, 3, 0xF7, 0xF0, 0x7A, 20, 0, 0xF7, 0xF0, 0x0F, 1, 0xF7});
  const Bytes state = bench.say({0xF0, SWIPE_STATE, 0xF7});
  CHECK_SAME(state[8], 4);
  CHECK_SAME(state[2], 1);
}

TEST(aMillionRandomBytesDoNoHarm) {
  for (uint32_t seed = 1; seed <= 2; ++seed) {
    std::mt19937 random(seed);
    Bench bench;
    for (int times = 0; times < 500000; ++times) {
      // Half of them from the bytes that mean something, or a sysex would hardly ever be whole.
      const uint32_t value = random();
      const uint8_t known[] = {0xF0, 0xF7, 1, 2, 3, 4, 0x69, 0x6B, 0x6D, 0x6F, 0x79, 0xF4, 0x90, 0xD0, 0xE9, 0xFF};
      bench.panel.receive(value & 0x100 ? static_cast<uint8_t>(value) : known[value & 0x0F], bench.nowMs);
      if (times % 6 == 0) {
        bench.isDown[0] = value & 0x10000;
        bench.panel.tick(bench.isDown, ++bench.nowMs);
        bench.panel.colour(bench.nowMs);
      }
      if (sent.size() > 4096) sent.clear();
    }
    // What was half read ends here; then it answers.
    bench.say({0xF7});
    CHECK_SAME(bench.say({REPORT_VERSION}), (Bytes{REPORT_VERSION, 2, 5}));
  }
}
