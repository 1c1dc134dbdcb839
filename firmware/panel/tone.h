// The square wave of the piezo: which clock divider and compare value give which frequency, and for how long.
// Timer 2 in CTC mode toggles its pin at each match: f = F_CPU / (2 * divider * (1 + compare))
// (ATmega328P data sheet DS40002061, 18.7.2).
#pragma once

#include <stdint.h>

namespace swipe {

constexpr uint16_t SIGNAL_MS_MAX = 2000;
// What the largest divider can still make.
constexpr uint16_t TONE_HZ_MIN = 31;

struct ToneSetting {
  uint8_t clockSelect;  // the bits CS22 to CS20 of TCCR2B
  uint8_t compare;      // OCR2A
};

// The finest setting for a frequency; one below TONE_HZ_MIN sounds as TONE_HZ_MIN.
ToneSetting toneSettingFor(uint16_t frequencyHz);

// The signal that sounds now.
class Signal {
 public:
  // Frequency or duration 0 ends it; longer than SIGNAL_MS_MAX is cut.
  void start(uint16_t frequencyHz, uint16_t durationMs, uint32_t nowMs) {
    frequencyHz_ = durationMs == 0 ? 0 : frequencyHz;
    durationMs_ = durationMs > SIGNAL_MS_MAX ? SIGNAL_MS_MAX : durationMs;
    startMs_ = static_cast<uint16_t>(nowMs);
  }

  void stop() { frequencyHz_ = 0; }

  // 0: silence. To be asked often; time may wrap.
  uint16_t frequencyHz(uint32_t nowMs) {
    if (static_cast<uint16_t>(static_cast<uint16_t>(nowMs) - startMs_) >= durationMs_) frequencyHz_ = 0;
    return frequencyHz_;
  }

 private:
  uint16_t frequencyHz_ = 0;
  uint16_t durationMs_ = 0;
  uint16_t startMs_ = 0;
};

}  // namespace swipe
