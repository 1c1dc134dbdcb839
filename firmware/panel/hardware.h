// The only files that know the ATmega328P's registers: hardware.cpp and reset_cause.cpp.
#pragma once

#include <stdint.h>

#include "pins.h"

namespace swipe {

// Turns on what the panel uses and off what it does not.
void startHardware();

// The level of each button, in the order of BUTTON_PINS; true: pressed.
void readButtons(bool isDown[BUTTON_COUNT]);

// Touches the pins of the channels that differ from what is shown.
void showColour(const Colour &colour);

// 0: silence.
void sound(uint16_t frequencyHz);

// Tells the watchdog that the loop goes round.
void feedWatchdog(uint32_t nowMs);

// Sleeps until the next interrupt: a byte, or at the latest the next tick of Timer 0 in 1.024 ms.
void sleepUntilInterrupt();

// Why the sketch was started, as the low bits of MCUSR name it; see reset_cause.cpp.
uint8_t resetCause();

}  // namespace swipe
