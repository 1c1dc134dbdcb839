// Section numbers are those of the ATmega328P data sheet, DS40002061.
#include "hardware.h"

#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/power.h>
#include <avr/sleep.h>
#include <avr/wdt.h>

#include "tone.h"

#if !defined(__AVR_ATmega328P__) || F_CPU != 16000000L
#error "The panel is an ATmega328P at 16 MHz: an Arduino Uno or Nano."
#endif

namespace swipe {

namespace {

Colour shown = {0, 0, 0};
uint16_t soundingHz = 0;

// A channel at 0 or 255 is a plain output: a compare value alone leaves a needle pulse at 0.
#define SHOW_CHANNEL(level, TCCR, COM, OCR, PORT, BIT) \
  do {                                                 \
    if ((level) == 0 || (level) == 255) {              \
      TCCR &= ~_BV(COM);                               \
      if ((level) == 0)                                \
        PORT &= ~_BV(BIT);                             \
      else                                             \
        PORT |= _BV(BIT);                              \
    } else {                                           \
      OCR = (level);                                   \
      TCCR |= _BV(COM);                                \
    }                                                  \
  } while (false)

}  // namespace

void startHardware() {
  DDRB |= _BV(DDB1) | _BV(DDB2) | _BV(DDB3);  // D9 red, D10 green, D11 piezo
  DDRD |= _BV(DDD6);                          // D6 blue
  PORTD |= _BV(PORTD2) | _BV(PORTD3);         // pull-ups of D2 abort, D3 info

  // The Arduino core runs Timer 0 for millis() in fast PWM, 976 Hz. Timer 1 does the same, so that the three channels
  // of the LED are alike (16.11, mode 5).
  TCCR1A = _BV(WGM10);
  TCCR1B = _BV(WGM12) | _BV(CS11) | _BV(CS10);

  // Timer 2 stands still until something is to be heard.
  TCCR2A = 0;
  TCCR2B = 0;
  ADCSRA = 0;
  power_adc_disable();
  power_spi_disable();
  power_twi_disable();
  ACSR = _BV(ACD);

  set_sleep_mode(SLEEP_MODE_IDLE);
  wdt_enable(WDTO_2S);
}

void readButtons(bool isDown[BUTTON_COUNT]) {
  const uint8_t levels = PIND;
  isDown[BUTTON_ABORT] = !(levels & _BV(PIND2));
  isDown[BUTTON_INFO] = !(levels & _BV(PIND3));
}

void showColour(const Colour &colour) {
  if (colour.red != shown.red) SHOW_CHANNEL(colour.red, TCCR1A, COM1A1, OCR1AL, PORTB, PORTB1);
  if (colour.green != shown.green) SHOW_CHANNEL(colour.green, TCCR1A, COM1B1, OCR1BL, PORTB, PORTB2);
  if (colour.blue != shown.blue) SHOW_CHANNEL(colour.blue, TCCR0A, COM0A1, OCR0A, PORTD, PORTD6);
  shown = colour;
}

void sound(uint16_t frequencyHz) {
  if (frequencyHz == soundingHz) return;
  soundingHz = frequencyHz;
  TCCR2B = 0;
  TCCR2A = 0;
  PORTB &= ~_BV(PORTB3);
  if (frequencyHz == 0) return;
  const ToneSetting setting = toneSettingFor(frequencyHz);
  TCNT2 = 0;
  OCR2A = setting.compare;
  TCCR2A = _BV(COM2A0) | _BV(WGM21);  // toggle OC2A on match, CTC (18.11.1)
  TCCR2B = setting.clockSelect;
}

// An interrupt between the last look and this sleep is dealt with after the next tick of Timer 0.
void sleepUntilInterrupt() { sleep_mode(); }

}  // namespace swipe
