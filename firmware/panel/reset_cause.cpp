// Why the sketch was started, and the watchdog.
//
// MCUSR says it on a bare chip. Optiboot, the Uno's bootloader, clears MCUSR and leaves by a watchdog reset of its own
// even after a press of the reset button, so that there nothing can be told from MCUSR. But a reset keeps the RAM: if
// the clock ran on for long after the loop had last gone round, the sketch hung, and it was the watchdog. (One that
// hung with interrupts off stopped the clock too: behind Optiboot its cause stays 0, not known.)
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/wdt.h>

#include "hardware.h"

// The Arduino core's count of milliseconds (wiring.c).
extern volatile unsigned long timer0_millis;

namespace swipe {

namespace {

constexpr uint16_t LOOP_RAN = 0x5A17;
constexpr uint32_t HUNG_MS = 1000;

// Not cleared at a start; random after a power-on.
uint16_t loopMark __attribute__((section(".noinit")));
uint32_t loopRanMs __attribute__((section(".noinit")));
uint8_t cause __attribute__((section(".noinit")));

}  // namespace

// Before .bss is cleared (avr-libc manual, "The .initN Sections"), and at once: after a watchdog reset the watchdog is
// on with its shortest time until WDRF is cleared (data sheet DS40002061, 11.9.1).
extern "C" void findResetCause() __attribute__((naked, used, section(".init3")));
extern "C" void findResetCause() {
  cause = MCUSR & 0x0F;
  MCUSR = 0;
  wdt_disable();
  if (loopMark == LOOP_RAN && timer0_millis - loopRanMs >= HUNG_MS) cause |= _BV(WDRF);
  loopMark = 0;
}

uint8_t resetCause() { return cause; }

void feedWatchdog(uint32_t nowMs) {
  wdt_reset();
  loopRanMs = nowMs;
  loopMark = LOOP_RAN;
}

}  // namespace swipe
