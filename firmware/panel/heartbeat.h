// Whether the gateway is alive. Silence for longer than it announced, and the panel is on its own.
#pragma once

#include <stdint.h>

#include "seven_bit.h"

namespace swipe {

// Shorter than 100 ms, and one late timer of the gateway would count as its death.
constexpr uint16_t HEARTBEAT_MS_MIN = 100;
constexpr uint16_t HEARTBEAT_MS_MAX = MAX_14_BITS;

class Heartbeat {
 public:
  enum class State : uint8_t { Waiting, Alive, Lost };  // Waiting: none came since the panel started

  // A heartbeat came; true when it gives the LED back to the gateway.
  bool beat(uint16_t timeoutMs, uint32_t nowMs) {
    timeoutMs_ = timeoutMs < HEARTBEAT_MS_MIN ? HEARTBEAT_MS_MIN : timeoutMs > HEARTBEAT_MS_MAX ? HEARTBEAT_MS_MAX : timeoutMs;
    lastMs_ = nowMs;
    const bool wasAlive = state_ == State::Alive;
    state_ = State::Alive;
    return !wasAlive;
  }

  // True at the moment at which the heartbeat is lost. To be asked often; time may wrap.
  bool isLostNow(uint32_t nowMs) {
    if (state_ != State::Alive || nowMs - lastMs_ <= timeoutMs_) return false;
    state_ = State::Lost;
    timesLost_ = countedUp(timesLost_);
    return true;
  }

  State state() const { return state_; }
  bool isAlive() const { return state_ == State::Alive; }

  // Stops at 16383.
  uint16_t timesLost() const { return timesLost_; }

 private:
  uint32_t lastMs_ = 0;
  uint16_t timeoutMs_ = HEARTBEAT_MS_MAX;
  uint16_t timesLost_ = 0;
  State state_ = State::Waiting;
};

}  // namespace swipe
