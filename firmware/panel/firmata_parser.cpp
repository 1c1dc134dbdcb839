#include "firmata_parser.h"

#include "firmata.h"
#include "seven_bit.h"

namespace swipe {

namespace {

constexpr uint8_t NOT_OURS = 0xFF;

// Data bytes after a command ("Message Types"); NOT_OURS for what a host never sends to a panel.
uint8_t dataBytesOf(uint8_t command) {
  switch (command) {
    case DIGITAL_MESSAGE:
    case ANALOG_MESSAGE:
    case SET_PIN_MODE:
    case SET_DIGITAL_PIN:
      return 2;
    case REPORT_ANALOG:
    case REPORT_DIGITAL:
      return 1;
    case REPORT_VERSION:
    case SYSTEM_RESET:
      return 0;
    default:
      return NOT_OURS;
  }
}

}  // namespace

bool FirmataParser::feed(uint8_t byte, FirmataMessage &message) {
  if (byte == END_SYSEX && (reading_ == Reading::Sysex || reading_ == Reading::Skipping)) {
    if (reading_ == Reading::Sysex && length_ > 0) return complete(message);
    reset();
    return false;
  }
  if (byte >= 0x80) return start(byte, message);
  switch (reading_) {
    case Reading::Data:
      data_[length_++] = byte;
      return length_ == expected_ && complete(message);
    case Reading::Sysex:
      if (length_ < SYSEX_BYTES_MAX) {
        data_[length_++] = byte;
      } else {
        drop();
        reading_ = Reading::Skipping;
      }
      return false;
    default:
      return false;
  }
}

// A command byte within a message ends it: "the most significant bit must be set to 0 in each byte" of a sysex, and a
// lost END_SYSEX must not swallow what follows.
bool FirmataParser::start(uint8_t byte, FirmataMessage &message) {
  if (reading_ == Reading::Data || reading_ == Reading::Sysex) drop();
  reset();
  if (byte == START_SYSEX) {
    command_ = START_SYSEX;
    channel_ = 0;
    reading_ = Reading::Sysex;
    return false;
  }
  command_ = byte < START_SYSEX ? byte & 0xF0 : byte;
  channel_ = byte < START_SYSEX ? byte & 0x0F : 0;
  expected_ = dataBytesOf(command_);
  if (expected_ == NOT_OURS) return false;
  if (expected_ == 0) return complete(message);
  reading_ = Reading::Data;
  return false;
}

bool FirmataParser::complete(FirmataMessage &message) {
  message = FirmataMessage{command_, channel_, data_, length_};
  reset();
  return true;
}

void FirmataParser::reset() {
  reading_ = Reading::Nothing;
  length_ = 0;
}

void FirmataParser::drop() { dropped_ = countedUp(dropped_); }

}  // namespace swipe
