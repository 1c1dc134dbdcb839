// Swipe's panel: a status LED, two buttons and a piezo on an Arduino Uno or Nano, spoken to in Firmata at 57600 baud.
// docs/panel-wiring.md shows the wires and how to flash. Everything that needs no hardware is in panel.cpp and below.
#include "hardware.h"
#include "panel.h"

static void sendByte(uint8_t byte) { Serial.write(byte); }

static swipe::Panel panel(sendByte);

void setup() {
  swipe::startHardware();
  Serial.begin(57600);
  panel.start(swipe::resetCause(), millis());
}

void loop() {
  const uint32_t nowMs = millis();
  swipe::feedWatchdog(nowMs);
  // At most one buffer of the core's a time: a stream without end must not keep the LED and the buttons waiting.
  for (uint8_t taken = 0; taken < SERIAL_RX_BUFFER_SIZE && Serial.available() > 0; ++taken)
    panel.receive(static_cast<uint8_t>(Serial.read()), nowMs);
  bool isDown[swipe::BUTTON_COUNT];
  swipe::readButtons(isDown);
  panel.tick(isDown, nowMs);
  swipe::showColour(panel.colour(nowMs));
  swipe::sound(panel.frequencyHz(nowMs));
  if (Serial.available() == 0) swipe::sleepUntilInterrupt();
}
