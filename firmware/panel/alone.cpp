#include "alone.h"

namespace swipe {

namespace {

constexpr Colour OFF = {0, 0, 0};
constexpr Colour RED = {255, 0, 0};
constexpr Colour DIM_WHITE = {WAITING_LEVEL, WAITING_LEVEL, WAITING_LEVEL};

}  // namespace

Colour Alone::colour(uint32_t nowMs) {
  // No division: this runs a thousand times a second. The bound is for a clock that was not looked at for long.
  for (uint8_t steps = 0; nowMs - periodStartMs_ >= periodMs_; ++steps) {
    if (steps == 10) {
      periodStartMs_ = nowMs;
      break;
    }
    periodStartMs_ += periodMs_;
    if (periodMs_ == WAITING_PERIOD_MS && ++periods_ == WAITING_MS / WAITING_PERIOD_MS) takeOver(periodStartMs_);
  }
  const uint16_t elapsedMs = static_cast<uint16_t>(nowMs - periodStartMs_);
  if (periodMs_ == WAITING_PERIOD_MS) return elapsedMs < WAITING_FLASH_MS ? DIM_WHITE : OFF;
  constexpr uint16_t secondMs = DOWN_FLASH_MS + DOWN_GAP_MS;
  const bool isFlash = elapsedMs < DOWN_FLASH_MS || (elapsedMs >= secondMs && elapsedMs < secondMs + DOWN_FLASH_MS);
  return isFlash ? RED : OFF;
}

}  // namespace swipe
