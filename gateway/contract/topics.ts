/** The topics of one box: `swipe/v1/{box}/…`, QoS 1. */
export function topicsOf(box: string) {
  const root = `swipe/v1/${box}`;
  return {
    commands: `${root}/commands`,
    results: `${root}/results`,
    events: `${root}/events`,
    status: `${root}/status`,
    registry: `${root}/registry`,
  };
}

/** The longest command in bytes of its JWS; anything larger is dropped unread. */
export const commandMaxBytes = 16_384;
