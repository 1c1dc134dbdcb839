// A contact bounces for a few milliseconds when it closes or opens. A level counts once it was the same for 5 ms.
#pragma once

#include <stdint.h>

namespace swipe {

constexpr uint8_t DEBOUNCE_MS = 5;

class Debounce {
 public:
  explicit Debounce(bool isDown = false) : isDown_(isDown), seen_(isDown) {}

  // Takes a reading; true when what counts has changed. Time may wrap.
  bool read(bool isDown, uint32_t nowMs) {
    if (isDown != seen_) {
      seen_ = isDown;
      sinceMs_ = static_cast<uint16_t>(nowMs);
      return false;
    }
    if (seen_ == isDown_) return false;
    // The core's clock steps every 1.024 ms, now and then by two: only more than 5 of its counts are 5 ms for certain.
    if (static_cast<uint16_t>(static_cast<uint16_t>(nowMs) - sinceMs_) <= DEBOUNCE_MS) return false;
    isDown_ = seen_;
    return true;
  }

  bool isDown() const { return isDown_; }

 private:
  uint16_t sinceMs_ = 0;
  bool isDown_;
  bool seen_;
};

}  // namespace swipe
