// The panel's pins, by their Arduino numbers. docs/panel-wiring.md says why these.
#pragma once

#include <stdint.h>

namespace swipe {

// An Uno's pins: D0 to D13, A0 to A5. A Nano's A6 and A7 are left out, so that both look the same.
constexpr uint8_t PIN_COUNT = 20;

constexpr uint8_t BUTTON_COUNT = 2;
constexpr uint8_t BUTTON_ABORT = 0;
constexpr uint8_t BUTTON_INFO = 1;
constexpr uint8_t BUTTON_PINS[BUTTON_COUNT] = {2, 3};

constexpr uint8_t LED_COUNT = 3;
constexpr uint8_t LED_PINS[LED_COUNT] = {9, 10, 6};  // red, green, blue

constexpr uint8_t NO_INDEX = 0xFF;

// The place of a pin in BUTTON_PINS, or NO_INDEX.
inline uint8_t buttonIndexOf(uint8_t pin) {
  for (uint8_t index = 0; index < BUTTON_COUNT; ++index)
    if (BUTTON_PINS[index] == pin) return index;
  return NO_INDEX;
}

// The place of a pin in LED_PINS, or NO_INDEX.
inline uint8_t ledIndexOf(uint8_t pin) {
  for (uint8_t index = 0; index < LED_COUNT; ++index)
    if (LED_PINS[index] == pin) return index;
  return NO_INDEX;
}

// What the LED shows: 0 is off, 255 is fully on.
struct Colour {
  uint8_t red;
  uint8_t green;
  uint8_t blue;
};

inline bool operator==(const Colour &one, const Colour &other) {
  return one.red == other.red && one.green == other.green && one.blue == other.blue;
}

}  // namespace swipe
