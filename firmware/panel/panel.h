// The panel without its hardware: bytes, button readings and the time go in; bytes, a colour and a frequency come out.
#pragma once

#include <stdint.h>

#include "alone.h"
#include "debounce.h"
#include "firmata_parser.h"
#include "heartbeat.h"
#include "pin_bank.h"
#include "pins.h"
#include "tone.h"

namespace swipe {

using SendByte = void (*)(uint8_t byte);

class Panel {
 public:
  explicit Panel(SendByte send) : send_(send) {}

  // Tells version and name, as every Firmata firmware does at its start. resetCause: the low bits of MCUSR.
  void start(uint8_t resetCause, uint32_t nowMs);

  // A byte from the host.
  void receive(uint8_t byte, uint32_t nowMs);

  // What is left to do when time has passed. isDown: a reading of each button, in the order of BUTTON_PINS.
  void tick(const bool isDown[BUTTON_COUNT], uint32_t nowMs);

  // What the LED shows now, and how the piezo sounds (0: not at all).
  Colour colour(uint32_t nowMs) { return heartbeat_.isAlive() ? pins_.colour() : alone_.colour(nowMs); }
  uint16_t frequencyHz(uint32_t nowMs) { return signal_.frequencyHz(nowMs); }

 private:
  void obey(const FirmataMessage &message, uint32_t nowMs);
  void obeySysex(const uint8_t *data, uint8_t length, uint32_t nowMs);
  void reportPort();
  void reportPin(uint8_t pin);
  void reportState();

  SendByte send_;
  FirmataParser parser_;
  PinBank pins_;
  Heartbeat heartbeat_;
  Alone alone_;
  Signal signal_;
  Debounce buttons_[BUTTON_COUNT];
  uint32_t secondStartMs_ = 0;
  uint16_t uptimeS_ = 0;
  uint8_t resetCause_ = 0;
};

}  // namespace swipe
