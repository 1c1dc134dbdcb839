// What the panel says it is. Raise PROTOCOL_MAJOR when an older gateway could no longer speak to it.
#pragma once

#include <stdint.h>

namespace swipe {

constexpr uint8_t PROTOCOL_MAJOR = 1;
constexpr uint8_t PROTOCOL_MINOR = 0;
constexpr uint8_t FIRMWARE_MAJOR = 1;
constexpr uint8_t FIRMWARE_MINOR = 0;
constexpr uint8_t FIRMWARE_PATCH = 0;
constexpr char FIRMWARE_NAME[] = "swipe-panel";

}  // namespace swipe
