#include "pin_bank.h"

namespace swipe {

void PinBank::reset() {
  for (uint8_t index = 0; index < LED_COUNT; ++index) {
    levels_[index] = 0;
    ledModes_[index] = MODE_OUTPUT;
  }
  for (uint8_t index = 0; index < BUTTON_COUNT; ++index) buttonModes_[index] = MODE_PULLUP;
  isReporting_ = false;
}

void PinBank::setMode(uint8_t pin, uint8_t mode) {
  const uint8_t led = ledIndexOf(pin);
  if (led != NO_INDEX && (mode == MODE_OUTPUT || mode == MODE_PWM)) {
    ledModes_[led] = mode;
    levels_[led] = 0;
  }
  const uint8_t button = buttonIndexOf(pin);
  if (button != NO_INDEX && (mode == MODE_INPUT || mode == MODE_PULLUP)) buttonModes_[button] = mode;
}

void PinBank::writeDigital(uint8_t pin, bool isHigh) {
  const uint8_t led = ledIndexOf(pin);
  if (led != NO_INDEX && ledModes_[led] == MODE_OUTPUT) levels_[led] = isHigh ? 255 : 0;
}

void PinBank::writePort(uint8_t port, uint8_t bits) {
  for (uint8_t bit = 0; bit < 8; ++bit) writeDigital(static_cast<uint8_t>(port * 8 + bit), bits & (1 << bit));
}

void PinBank::writePwm(uint8_t pin, uint16_t value) {
  const uint8_t led = ledIndexOf(pin);
  if (led != NO_INDEX && ledModes_[led] == MODE_PWM) levels_[led] = value > 255 ? 255 : static_cast<uint8_t>(value);
}

void PinBank::setReporting(uint8_t port, bool isOn) {
  if (port == 0) isReporting_ = isOn;
}

uint8_t PinBank::modeOf(uint8_t pin) const {
  const uint8_t led = ledIndexOf(pin);
  if (led != NO_INDEX) return ledModes_[led];
  const uint8_t button = buttonIndexOf(pin);
  return button != NO_INDEX ? buttonModes_[button] : MODE_NONE;
}

uint8_t PinBank::stateOf(uint8_t pin) const {
  const uint8_t led = ledIndexOf(pin);
  if (led != NO_INDEX) return levels_[led];
  // "for digital inputs, the state is the status of the pull-up resistor"
  return buttonIndexOf(pin) != NO_INDEX ? 1 : 0;
}

}  // namespace swipe
