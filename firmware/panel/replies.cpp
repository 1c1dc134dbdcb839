#include "replies.h"

#include "firmata.h"
#include "pins.h"
#include "seven_bit.h"
#include "version.h"

namespace swipe {

namespace {

void sendMode(SendByte send, uint8_t mode, uint8_t resolution) {
  send(mode);
  send(resolution);
}

}  // namespace

void send14Bits(SendByte send, uint16_t value) {
  send(low7Bits(value));
  send(high7Bits(value));
}

void sendProtocolVersion(SendByte send) {
  send(REPORT_VERSION);
  send(FIRMATA_MAJOR);
  send(FIRMATA_MINOR);
}

// The characters go as two bytes each, as the Arduino library sends them and hosts expect them.
void sendFirmwareName(SendByte send) {
  send(START_SYSEX);
  send(REPORT_FIRMWARE);
  send(FIRMWARE_MAJOR);
  send(FIRMWARE_MINOR);
  for (const char *character = FIRMWARE_NAME; *character != '\0'; ++character)
    send14Bits(send, static_cast<uint8_t>(*character));
  send(END_SYSEX);
}

void sendCapabilities(SendByte send) {
  send(START_SYSEX);
  send(CAPABILITY_RESPONSE);
  for (uint8_t pin = 0; pin < PIN_COUNT; ++pin) {
    if (buttonIndexOf(pin) != NO_INDEX) {
      sendMode(send, MODE_INPUT, RESOLUTION_DIGITAL);
      sendMode(send, MODE_PULLUP, RESOLUTION_DIGITAL);
    }
    if (ledIndexOf(pin) != NO_INDEX) {
      sendMode(send, MODE_OUTPUT, RESOLUTION_DIGITAL);
      sendMode(send, MODE_PWM, RESOLUTION_PWM);
    }
    send(MODE_NONE);
  }
  send(END_SYSEX);
}

void sendAnalogMapping(SendByte send) {
  send(START_SYSEX);
  send(ANALOG_MAPPING_RESPONSE);
  for (uint8_t pin = 0; pin < PIN_COUNT; ++pin) send(NO_ANALOG_CHANNEL);
  send(END_SYSEX);
}

void sendSwipeVersion(SendByte send) {
  send(START_SYSEX);
  send(SWIPE_VERSION);
  send(PROTOCOL_MAJOR);
  send(PROTOCOL_MINOR);
  send(FIRMWARE_MAJOR);
  send(FIRMWARE_MINOR);
  send(FIRMWARE_PATCH);
  send(END_SYSEX);
}

}  // namespace swipe
