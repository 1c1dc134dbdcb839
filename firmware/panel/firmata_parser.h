// Cuts a stream of bytes into Firmata messages. Whatever comes in, it holds at most one message and never waits for
// bytes that a broken one still owes: the next command byte starts anew.
#pragma once

#include <stdint.h>

namespace swipe {

constexpr uint8_t SYSEX_BYTES_MAX = 64;

// A whole message, good until the next byte is fed.
struct FirmataMessage {
  uint8_t command;      // without the channel; START_SYSEX for sysex
  uint8_t channel;      // the pin or port in the low nibble of commands below 0xF0, else 0
  const uint8_t *data;  // each below 0x80; of sysex, data[0] is the feature's ID
  uint8_t length;       // of data
};

class FirmataParser {
 public:
  // Takes one byte; true when it completed a message.
  bool feed(uint8_t byte, FirmataMessage &message);

  // Forgets a message that is half read; nothing is counted.
  void reset();

  // Messages that were cut short or too long; stops at 16383.
  uint16_t dropped() const { return dropped_; }

  // Counts a message that turned out to be of no use.
  void drop();

 private:
  enum class Reading : uint8_t { Nothing, Data, Sysex, Skipping };

  bool start(uint8_t byte, FirmataMessage &message);
  bool complete(FirmataMessage &message);

  uint8_t data_[SYSEX_BYTES_MAX] = {};
  uint16_t dropped_ = 0;
  uint8_t command_ = 0;
  uint8_t channel_ = 0;
  uint8_t length_ = 0;
  uint8_t expected_ = 0;
  Reading reading_ = Reading::Nothing;
};

}  // namespace swipe
