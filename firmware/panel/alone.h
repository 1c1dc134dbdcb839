// What the LED shows while no gateway drives it.
//   gateway down: two short red flashes, then a long pause. No pattern of the gateway has this rhythm.
//   waiting:      for the first 5 s after the panel's start a short dim white flash each second, since a gateway that
//                 starts together with the panel needs a moment; then gateway down.
#pragma once

#include <stdint.h>

#include "pins.h"

namespace swipe {

constexpr uint16_t DOWN_FLASH_MS = 100;
constexpr uint16_t DOWN_GAP_MS = 150;
constexpr uint16_t DOWN_PERIOD_MS = 2000;

constexpr uint16_t WAITING_FLASH_MS = 60;
constexpr uint16_t WAITING_PERIOD_MS = 1000;
constexpr uint16_t WAITING_MS = 5000;
constexpr uint8_t WAITING_LEVEL = 24;

class Alone {
 public:
  // The panel has just started.
  void wait(uint32_t nowMs) { start(nowMs, WAITING_PERIOD_MS); }

  // The gateway's heartbeat is lost.
  void takeOver(uint32_t nowMs) { start(nowMs, DOWN_PERIOD_MS); }

  // The colour now. To be asked often; time may wrap.
  Colour colour(uint32_t nowMs);

 private:
  void start(uint32_t nowMs, uint16_t periodMs) {
    periodStartMs_ = nowMs;
    periodMs_ = periodMs;
    periods_ = 0;
  }

  uint32_t periodStartMs_ = 0;
  uint16_t periodMs_ = WAITING_PERIOD_MS;
  uint8_t periods_ = 0;
};

}  // namespace swipe
