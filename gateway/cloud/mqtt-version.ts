/** MQTT 5, or 4 for MQTT 3.1.1, as the wire numbers them. */
export type MqttVersion = 4 | 5;

/** What became of one try to connect. */
export type TryOutcome =
  | 'worked'
  /** The broker said that it does not speak this version. */
  | 'versionRefused'
  /** The broker was reached and hung up without a word. */
  | 'hungUp'
  | 'failed';

/** Chooses the version of the next try. */
export interface VersionChoice {
  next(): MqttVersion;
  tried(outcome: TryOutcome): void;
}

// Old brokers hang up on a version that they do not know (MQTT 3.1.1 §3.1.2.2 allows it), and so does one that is
// just stopping: only a habit counts.
const hangUpsUntilDoubt = 3;

/** MQTT 5 first; 3.1.1 when the broker refuses 5. What has worked is kept. */
export function createVersionChoice(): VersionChoice {
  let version: MqttVersion = 5;
  let settled = false;
  let hangUps = 0;
  const other = (): void => {
    version = version === 5 ? 4 : 5;
    hangUps = 0;
  };
  return {
    next: () => version,
    tried(outcome) {
      if (outcome === 'worked') {
        settled = true;
        hangUps = 0;
      } else if (outcome === 'versionRefused') {
        settled = false;
        other();
      } else if (outcome === 'hungUp' && !settled) {
        hangUps += 1;
        if (hangUps >= hangUpsUntilDoubt) other();
      }
    },
  };
}
