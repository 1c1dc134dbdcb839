#include "../panel/firmata.h"
#include "../panel/firmata_parser.h"
#include "check.h"

using namespace swipe;

namespace {

struct Read {
  std::vector<std::vector<uint8_t>> messages;  // command, channel, data
  uint16_t dropped;
};

Read read(const std::vector<uint8_t> &bytes) {
  FirmataParser parser;
  Read result = {};
  for (uint8_t byte : bytes) {
    FirmataMessage message;
    if (!parser.feed(byte, message)) continue;
    std::vector<uint8_t> one = {message.command, message.channel};
    one.insert(one.end(), message.data, message.data + message.length);
    result.messages.push_back(one);
  }
  result.dropped = parser.dropped();
  return result;
}

std::vector<uint8_t> sysex(size_t length) {
  std::vector<uint8_t> bytes(length, 0x11);
  bytes.insert(bytes.begin(), START_SYSEX);
  bytes.push_back(END_SYSEX);
  return bytes;
}

}  // namespace

TEST(aMessageOfEachKindIsRead) {
  const Read got = read({0x91, 1, 2, 0xC3, 1, 0xD0, 0, 0xE9, 127, 1, 0xF4, 9, 3, 0xF5, 6, 1, 0xF9, 0xFF, 0xF0, 0x79, 0xF7});
  CHECK_SAME(got.messages.size(), 9);
  CHECK_SAME(got.messages[0], (std::vector<uint8_t>{DIGITAL_MESSAGE, 1, 1, 2}));
  CHECK_SAME(got.messages[1], (std::vector<uint8_t>{REPORT_ANALOG, 3, 1}));
  CHECK_SAME(got.messages[2], (std::vector<uint8_t>{REPORT_DIGITAL, 0, 0}));
  CHECK_SAME(got.messages[3], (std::vector<uint8_t>{ANALOG_MESSAGE, 9, 127, 1}));
  CHECK_SAME(got.messages[4], (std::vector<uint8_t>{SET_PIN_MODE, 0, 9, 3}));
  CHECK_SAME(got.messages[5], (std::vector<uint8_t>{SET_DIGITAL_PIN, 0, 6, 1}));
  CHECK_SAME(got.messages[6], (std::vector<uint8_t>{REPORT_VERSION, 0}));
  CHECK_SAME(got.messages[7], (std::vector<uint8_t>{SYSTEM_RESET, 0}));
  CHECK_SAME(got.messages[8], (std::vector<uint8_t>{START_SYSEX, 0, 0x79}));
  CHECK_SAME(got.dropped, 0);
}

TEST(dataBytesWithoutACommandAreSkipped) {
  const Read got = read({1, 2, 3, 0xF7, 4, 0xF9, 5, 6});
  CHECK_SAME(got.messages.size(), 1);
  CHECK_SAME(got.dropped, 0);
}

TEST(unknownCommandsAreSkippedWithTheirData) {
  const Read got = read({0x80, 1, 2, 0xA1, 1, 0xB0, 3, 0xF1, 9, 0xF6, 0xFE, 1, 0xF9});
  CHECK_SAME(got.messages.size(), 1);
  CHECK_SAME(got.dropped, 0);
}

TEST(aSysexFillsTheBufferAndNotMore) {
  CHECK_SAME(read(sysex(SYSEX_BYTES_MAX)).messages.size(), 1);
  CHECK_SAME(read(sysex(SYSEX_BYTES_MAX)).messages[0].size(), 2 + SYSEX_BYTES_MAX);
  CHECK_SAME(read(sysex(SYSEX_BYTES_MAX)).dropped, 0);
  CHECK_SAME(read(sysex(SYSEX_BYTES_MAX + 1)).messages.size(), 0);
  CHECK_SAME(read(sysex(SYSEX_BYTES_MAX + 1)).dropped, 1);
  CHECK_SAME(read(sysex(100000)).dropped, 1);
}

TEST(afterAnOverlongSysexTheNextMessageIsRead) {
  for (const bool isEnded : {true, false}) {
    std::vector<uint8_t> bytes = sysex(500);
    if (!isEnded) bytes.pop_back();
    bytes.push_back(REPORT_VERSION);
    CHECK_SAME(read(bytes).messages.size(), 1);
    CHECK_SAME(read(bytes).dropped, 1);
  }
}

TEST(anEmptySysexIsNothing) {
  CHECK_SAME(read({0xF0, 0xF7, 0xF9}).messages.size(), 1);
  CHECK_SAME(read({0xF0, 0xF7, 0xF9}).dropped, 0);
}

TEST(aCommandWithinAMessageStartsAnew) {
  const Read inSysex = read({0xF0, 0x01, 0x02, 0xE9, 5, 0});
  CHECK_SAME(inSysex.messages.size(), 1);
  CHECK_SAME(inSysex.messages[0], (std::vector<uint8_t>{ANALOG_MESSAGE, 9, 5, 0}));
  CHECK_SAME(inSysex.dropped, 1);
  const Read inData = read({0xE9, 5, 0xF0, 0x02, 0xF7});
  CHECK_SAME(inData.messages.size(), 1);
  CHECK_SAME(inData.messages[0], (std::vector<uint8_t>{START_SYSEX, 0, 0x02}));
  CHECK_SAME(inData.dropped, 1);
  const Read twice = read({0xF0, 0x01, 0xF0, 0x02, 0xF7});
  CHECK_SAME(twice.messages.size(), 1);
  CHECK_SAME(twice.messages[0], (std::vector<uint8_t>{START_SYSEX, 0, 0x02}));
}

TEST(anEndWithinOtherDataCutsThatMessage) {
  const Read got = read({0xE9, 5, 0xF7, 5, 0xF9});
  CHECK_SAME(got.messages.size(), 1);
  CHECK_SAME(got.dropped, 1);
}

TEST(theCountOfDroppedMessagesStops) {
  FirmataParser parser;
  for (int times = 0; times < 20000; ++times) parser.drop();
  CHECK_SAME(parser.dropped(), 16383);
}
