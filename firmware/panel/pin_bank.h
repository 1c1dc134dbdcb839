// The pins as a Firmata host sees them: their modes, what was written to them, what is reported. Knows no hardware.
#pragma once

#include <stdint.h>

#include "firmata.h"
#include "pins.h"

namespace swipe {

class PinBank {
 public:
  PinBank() { reset(); }

  // As after a start: LED pins are outputs at 0, buttons are inputs, nothing is reported.
  void reset();

  // "Set pin mode". A mode that the pin does not have changes nothing; a new mode of an LED pin turns it off.
  void setMode(uint8_t pin, uint8_t mode);

  // "Set digital pin value". A button's pull-up is always on, so that writing to one changes nothing.
  void writeDigital(uint8_t pin, bool isHigh);

  // "digital I/O message": only pins in a digital mode take it, as a host sends whole ports of what it knows.
  void writePort(uint8_t port, uint8_t bits);

  // "analog I/O message", "Extended Analog": for pins in PWM mode.
  void writePwm(uint8_t pin, uint16_t value);

  // "Toggle digital port reporting by port". The buttons are all on port 0.
  void setReporting(uint8_t port, bool isOn);
  bool isReporting() const { return isReporting_; }

  // "Pin State Query".
  uint8_t modeOf(uint8_t pin) const;
  uint8_t stateOf(uint8_t pin) const;

  // What the host wants to see on the LED.
  Colour colour() const { return Colour{levels_[0], levels_[1], levels_[2]}; }

 private:
  uint8_t levels_[LED_COUNT];
  uint8_t ledModes_[LED_COUNT];
  uint8_t buttonModes_[BUTTON_COUNT];
  bool isReporting_;
};

}  // namespace swipe
