// Written by tools/tables.py from jupyter_plant_together/shared/wire.json.
export const wire = {
  messages: {
    sync: 0,
    awareness: 1,
    queryAwareness: 3,
    control: 100
  },
  syncSteps: {
    step1: 0,
    step2: 1,
    update: 2
  },
  controls: [
    'hello',
    'ack',
    'role',
    'denied',
    'renamed',
    'reset',
    'trouble'
  ],
  closeCodes: {
    failed: 1011,
    unavailable: 1013,
    badRequest: 4400,
    notSignedIn: 4401,
    accessDenied: 4403,
    notFound: 4404,
    epoch: 4409,
    limitExceeded: 4413
  },
  roles: [
    'owner',
    'editor',
    'viewer'
  ]
} as const;
