// The numbers of the Firmata protocol that the panel speaks.
// Source: github.com/firmata/protocol, protocol.md 2.5.1: "Message Types", "Control Messages Expansion",
// "Sysex Message Format" and the sections of the queries.
#pragma once

#include <stdint.h>

namespace swipe {

// As reported; the last one that changed anything in the messages used here ("Set digital pin value").
constexpr uint8_t FIRMATA_MAJOR = 2;
constexpr uint8_t FIRMATA_MINOR = 5;

// "Message Types". The low nibble of the first four is a channel: a pin or a port.
constexpr uint8_t DIGITAL_MESSAGE = 0x90;
constexpr uint8_t REPORT_ANALOG = 0xC0;
constexpr uint8_t REPORT_DIGITAL = 0xD0;
constexpr uint8_t ANALOG_MESSAGE = 0xE0;
constexpr uint8_t START_SYSEX = 0xF0;
constexpr uint8_t SET_PIN_MODE = 0xF4;
constexpr uint8_t SET_DIGITAL_PIN = 0xF5;
constexpr uint8_t END_SYSEX = 0xF7;
constexpr uint8_t REPORT_VERSION = 0xF9;
constexpr uint8_t SYSTEM_RESET = 0xFF;

// "Sysex Message Format", core features.
constexpr uint8_t ANALOG_MAPPING_QUERY = 0x69;
constexpr uint8_t ANALOG_MAPPING_RESPONSE = 0x6A;
constexpr uint8_t CAPABILITY_QUERY = 0x6B;
constexpr uint8_t CAPABILITY_RESPONSE = 0x6C;
constexpr uint8_t PIN_STATE_QUERY = 0x6D;
constexpr uint8_t PIN_STATE_RESPONSE = 0x6E;
constexpr uint8_t EXTENDED_ANALOG = 0x6F;
constexpr uint8_t REPORT_FIRMWARE = 0x79;

// "Sysex Message Format": 0x01 to 0x0F are reserved for user defined commands. These are Swipe's.
constexpr uint8_t SWIPE_HEARTBEAT = 0x01;
constexpr uint8_t SWIPE_VERSION = 0x02;
constexpr uint8_t SWIPE_STATE = 0x03;
constexpr uint8_t SWIPE_SIGNAL = 0x04;

// "Capability Query", supported modes.
constexpr uint8_t MODE_INPUT = 0x00;
constexpr uint8_t MODE_OUTPUT = 0x01;
constexpr uint8_t MODE_PWM = 0x03;
constexpr uint8_t MODE_PULLUP = 0x0B;
constexpr uint8_t MODE_NONE = 0x7F;

// "Capability Query", mode resolution, in bits.
constexpr uint8_t RESOLUTION_DIGITAL = 1;
constexpr uint8_t RESOLUTION_PWM = 8;

// "Analog Mapping Query": the pin does not support analog.
constexpr uint8_t NO_ANALOG_CHANNEL = 127;

}  // namespace swipe
