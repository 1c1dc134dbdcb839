// Debounce, heartbeat, the patterns of a panel on its own, signals; also where the count of milliseconds wraps.
#include "../panel/alone.h"
#include "../panel/debounce.h"
#include "../panel/heartbeat.h"
#include "../panel/tone.h"
#include "check.h"

using namespace swipe;

namespace {

const std::vector<uint32_t> starts = {0, 12345, 65530, 0xFFFFFF00u};

// On and off times of the red channel, from the start on.
std::vector<long long> changesOf(Alone &alone, uint32_t startMs, uint32_t forMs) {
  std::vector<long long> changes;
  bool was = false;
  for (uint32_t ms = 0; ms < forMs; ++ms) {
    const bool is = alone.colour(startMs + ms).red > 0;
    if (is != was) changes.push_back(ms);
    was = is;
  }
  return changes;
}

std::vector<uint8_t> bytesOf(const std::vector<long long> &values) {
  std::vector<uint8_t> bytes;
  for (long long value : values) bytes.push_back(static_cast<uint8_t>(value / 10));
  return bytes;
}

}  // namespace

TEST(aLevelCountsAfterFiveMilliseconds) {
  for (uint32_t start : starts) {
    Debounce button;
    CHECK(!button.read(true, start));
    for (uint32_t ms = 1; ms <= DEBOUNCE_MS; ++ms) CHECK(!button.read(true, start + ms));
    CHECK(!button.isDown());
    CHECK(button.read(true, start + DEBOUNCE_MS + 1));
    CHECK(button.isDown());
    CHECK(!button.read(true, start + DEBOUNCE_MS + 2));
  }
}

TEST(aBounceStartsTheCountAnew) {
  Debounce button;
  for (uint32_t ms = 0; ms < 40; ++ms) CHECK(!button.read(ms % 4 < 2, ms));
  CHECK(!button.isDown());
  CHECK(!button.read(true, 40));
  CHECK(!button.read(true, 45));
  CHECK(button.read(true, 46));
}

TEST(aSpikeShorterThanThatIsNothing) {
  Debounce button;
  CHECK(!button.read(true, 100));
  CHECK(!button.read(false, 104));
  CHECK(!button.read(false, 200));
  CHECK(!button.isDown());
}

TEST(theHeartbeatIsLostAfterItsTimeOutAndOnce) {
  for (uint32_t start : starts) {
    Heartbeat heartbeat;
    CHECK(!heartbeat.isLostNow(start));
    CHECK(heartbeat.beat(500, start));
    CHECK(!heartbeat.beat(500, start + 400));
    CHECK(!heartbeat.isLostNow(start + 900));
    CHECK(heartbeat.isLostNow(start + 901));
    CHECK(!heartbeat.isLostNow(start + 902));
    CHECK(heartbeat.state() == Heartbeat::State::Lost);
    CHECK_SAME(heartbeat.timesLost(), 1);
    CHECK(heartbeat.beat(500, start + 5000));
    CHECK(heartbeat.isAlive());
  }
}

TEST(timeOutsAreClamped) {
  Heartbeat heartbeat;
  heartbeat.beat(0, 0);
  CHECK(!heartbeat.isLostNow(HEARTBEAT_MS_MIN));
  CHECK(heartbeat.isLostNow(HEARTBEAT_MS_MIN + 1));
  heartbeat.beat(65535, 1000);
  CHECK(!heartbeat.isLostNow(1000 + HEARTBEAT_MS_MAX));
  CHECK(heartbeat.isLostNow(1000 + HEARTBEAT_MS_MAX + 1));
}

TEST(theCountOfLostHeartbeatsStops) {
  Heartbeat heartbeat;
  for (uint32_t times = 0; times < 17000; ++times) {
    heartbeat.beat(100, times * 1000);
    CHECK(heartbeat.isLostNow(times * 1000 + 101));
  }
  CHECK_SAME(heartbeat.timesLost(), 16383);
}

TEST(gatewayDownIsTwoFlashesAndALongPause) {
  for (uint32_t start : starts) {
    Alone alone;
    alone.takeOver(start);
    CHECK_SAME(bytesOf(changesOf(alone, start, 2400)),
               bytesOf({0, 100, 250, 350, 2000, 2100, 2250, 2350}));
  }
}

TEST(waitingIsShortFlashesAndAfterFiveSecondsGatewayDown) {
  for (uint32_t start : starts) {
    Alone alone;
    alone.wait(start);
    CHECK_SAME(alone.colour(start).blue, WAITING_LEVEL);
    alone.wait(start);
    CHECK_SAME(bytesOf(changesOf(alone, start, 2100)), bytesOf({0, 60, 1000, 1060, 2000, 2060}));
    CHECK_SAME(alone.colour(start + 4059).blue, WAITING_LEVEL);
    CHECK_SAME(alone.colour(start + 5000).blue, 0);
    CHECK_SAME(alone.colour(start + 5000).red, 255);
    CHECK_SAME(alone.colour(start + 5249).red, 0);
    CHECK_SAME(alone.colour(start + 5250).red, 255);
  }
}

TEST(aClockThatWasNotLookedAtForLongIsNoEndlessLoop) {
  Alone alone;
  alone.takeOver(0);
  alone.colour(0xF0000000u);
  CHECK(alone.colour(0xF0000001u).red == 255);
}

TEST(aSignalEndsByItself) {
  for (uint32_t start : starts) {
    Signal signal;
    signal.start(1000, 50, start);
    CHECK_SAME(signal.frequencyHz(start + 49), 1000);
    CHECK_SAME(signal.frequencyHz(start + 50), 0);
    CHECK_SAME(signal.frequencyHz(start + 50 + 65536), 0);
    signal.start(1000, 16383, start);
    CHECK_SAME(signal.frequencyHz(start + SIGNAL_MS_MAX - 1), 1000);
    CHECK_SAME(signal.frequencyHz(start + SIGNAL_MS_MAX), 0);
    signal.start(1000, 50, start);
    signal.start(0, 50, start + 1);
    CHECK_SAME(signal.frequencyHz(start + 2), 0);
  }
}

TEST(everyFrequencyIsMetWithinOnePercent) {
  const unsigned dividers[] = {0, 0, 8, 32, 64, 128, 256, 1024};
  for (unsigned wanted = 31; wanted <= 16383; ++wanted) {
    const ToneSetting setting = toneSettingFor(static_cast<uint16_t>(wanted));
    CHECK(setting.clockSelect >= 2 && setting.clockSelect <= 7);
    const double made = 16e6 / 2 / dividers[setting.clockSelect] / (setting.compare + 1);
    const double error = made / wanted - 1;
    CHECK(error > -0.01 && error < 0.01);
  }
  CHECK_SAME(toneSettingFor(0).clockSelect, toneSettingFor(31).clockSelect);
  CHECK_SAME(toneSettingFor(65535).clockSelect, 2);
}
