#include "tone.h"

namespace swipe {

namespace {

constexpr uint32_t TIMER_HZ = 16000000;
// log2 of the dividers of clock selects 2 to 7: 8, 32, 64, 128, 256, 1024 (data sheet, table 18-9).
constexpr uint8_t DIVIDER_BITS[] = {3, 5, 6, 7, 8, 10};
constexpr uint8_t FIRST_SELECT = 2;
constexpr uint8_t LAST_SELECT = 7;

}  // namespace

ToneSetting toneSettingFor(uint16_t frequencyHz) {
  const uint16_t wantedHz = frequencyHz < TONE_HZ_MIN ? TONE_HZ_MIN : frequencyHz;
  const uint32_t halfPeriod = TIMER_HZ / 2 / wantedHz;
  for (uint8_t select = FIRST_SELECT; select <= LAST_SELECT; ++select) {
    const uint8_t bits = DIVIDER_BITS[select - FIRST_SELECT];
    const uint32_t counts = (halfPeriod + (1UL << (bits - 1))) >> bits;
    if (counts <= 256) return ToneSetting{select, static_cast<uint8_t>(counts == 0 ? 0 : counts - 1)};
  }
  return ToneSetting{LAST_SELECT, 255};
}

}  // namespace swipe
