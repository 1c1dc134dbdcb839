#include "panel.h"

#include "firmata.h"
#include "replies.h"
#include "seven_bit.h"

namespace swipe {

void Panel::start(uint8_t resetCause, uint32_t nowMs) {
  resetCause_ = resetCause & 0x0F;
  secondStartMs_ = nowMs;
  alone_.wait(nowMs);
  sendProtocolVersion(send_);
  sendFirmwareName(send_);
}

void Panel::receive(uint8_t byte, uint32_t nowMs) {
  FirmataMessage message;
  if (parser_.feed(byte, message)) obey(message, nowMs);
}

void Panel::tick(const bool isDown[BUTTON_COUNT], uint32_t nowMs) {
  while (nowMs - secondStartMs_ >= 1000 && uptimeS_ < MAX_14_BITS) {
    secondStartMs_ += 1000;
    ++uptimeS_;
  }
  bool hasChanged = false;
  for (uint8_t index = 0; index < BUTTON_COUNT; ++index)
    hasChanged |= buttons_[index].read(isDown[index], nowMs);
  if (hasChanged && pins_.isReporting()) reportPort();
  if (heartbeat_.isLostNow(nowMs)) {
    signal_.stop();
    alone_.takeOver(nowMs);
    reportState();
  }
}

void Panel::obey(const FirmataMessage &message, uint32_t nowMs) {
  const uint8_t *data = message.data;
  switch (message.command) {
    case START_SYSEX:
      return obeySysex(data, message.length, nowMs);
    case REPORT_VERSION:
      return sendProtocolVersion(send_);
    case SYSTEM_RESET:
      // The heartbeat stays watched: garbage on the line must not end the supervision.
      pins_.reset();
      return signal_.stop();
    case SET_PIN_MODE:
      return pins_.setMode(data[0], data[1]);
    case SET_DIGITAL_PIN:
      return pins_.writeDigital(data[0], data[1] != 0);
    case DIGITAL_MESSAGE:
      return pins_.writePort(message.channel, static_cast<uint8_t>(from7Bits(data)));
    case ANALOG_MESSAGE:
      return pins_.writePwm(message.channel, from7Bits(data));
    case REPORT_DIGITAL:
      pins_.setReporting(message.channel, data[0] != 0);
      // "upon enabling a digital port, the port value should be reported"
      if (message.channel == 0 && data[0] != 0) reportPort();
      return;
    default:
      // REPORT_ANALOG: there is nothing analog to report.
      return;
  }
}

void Panel::obeySysex(const uint8_t *data, uint8_t length, uint32_t nowMs) {
  const uint8_t *payload = data + 1;
  const uint8_t size = length - 1;
  switch (data[0]) {
    case REPORT_FIRMWARE:
      return sendFirmwareName(send_);
    case CAPABILITY_QUERY:
      return sendCapabilities(send_);
    case ANALOG_MAPPING_QUERY:
      return sendAnalogMapping(send_);
    case PIN_STATE_QUERY:
      return size == 1 && payload[0] < PIN_COUNT ? reportPin(payload[0]) : parser_.drop();
    case EXTENDED_ANALOG:
      if (size < 2) return parser_.drop();
      // Bits above the 14th can only mean more than fully on.
      return pins_.writePwm(payload[0], size == 2 ? payload[1] : size == 3 ? from7Bits(payload + 1) : MAX_14_BITS);
    case SWIPE_HEARTBEAT:
      if (size != 2) return parser_.drop();
      if (heartbeat_.beat(from7Bits(payload), nowMs)) reportState();
      return;
    case SWIPE_VERSION:
      return sendSwipeVersion(send_);
    case SWIPE_STATE:
      return reportState();
    case SWIPE_SIGNAL:
      if (size != 4) return parser_.drop();
      if (heartbeat_.isAlive()) signal_.start(from7Bits(payload), from7Bits(payload + 2), nowMs);
      return;
    default:
      // The sampling interval, and what later hosts may say.
      return;
  }
}

void Panel::reportPort() {
  uint8_t bits = 0;
  // A pressed button connects its pin to ground.
  for (uint8_t index = 0; index < BUTTON_COUNT; ++index)
    if (!buttons_[index].isDown()) bits |= 1 << BUTTON_PINS[index];
  send_(DIGITAL_MESSAGE);
  send14Bits(send_, bits);
}

void Panel::reportPin(uint8_t pin) {
  send_(START_SYSEX);
  send_(PIN_STATE_RESPONSE);
  send_(pin);
  send_(pins_.modeOf(pin));
  send14Bits(send_, pins_.stateOf(pin));
  send_(END_SYSEX);
}

void Panel::reportState() {
  uint8_t flags = heartbeat_.isAlive() ? 0 : 1;
  for (uint8_t index = 0; index < BUTTON_COUNT; ++index)
    if (buttons_[index].isDown()) flags |= 2 << index;
  send_(START_SYSEX);
  send_(SWIPE_STATE);
  send_(flags);
  send_(resetCause_);
  send14Bits(send_, uptimeS_);
  send14Bits(send_, heartbeat_.timesLost());
  send14Bits(send_, parser_.dropped());
  send_(END_SYSEX);
}

}  // namespace swipe
