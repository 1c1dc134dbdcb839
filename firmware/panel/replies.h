// The answers that are the same each time they are asked for.
#pragma once

#include <stdint.h>

namespace swipe {

using SendByte = void (*)(uint8_t byte);

// "Version report format".
void sendProtocolVersion(SendByte send);

// "Query Firmware Name and Version".
void sendFirmwareName(SendByte send);

// "Capability Query".
void sendCapabilities(SendByte send);

// "Analog Mapping Query": none of the pins is analog.
void sendAnalogMapping(SendByte send);

// Swipe's own: protocol major and minor, firmware major, minor and patch.
void sendSwipeVersion(SendByte send);

// 14 bits as two bytes.
void send14Bits(SendByte send, uint16_t value);

}  // namespace swipe
