// Numbers in sysex data: 14 bits in two 7-bit bytes, the low one first
// (Firmata protocol 2.5.1, "Data Message Expansion", analog 14-bit data format).
#pragma once

#include <stdint.h>

namespace swipe {

constexpr uint16_t MAX_14_BITS = 16383;

inline uint16_t from7Bits(const uint8_t *bytes) {
  return static_cast<uint16_t>(bytes[0] | (bytes[1] << 7));
}

inline uint8_t low7Bits(uint16_t value) { return value & 0x7F; }

inline uint8_t high7Bits(uint16_t value) { return (value >> 7) & 0x7F; }

// One more, but it stops at what 14 bits can tell.
inline uint16_t countedUp(uint16_t count) { return count < MAX_14_BITS ? count + 1 : count; }

}  // namespace swipe
