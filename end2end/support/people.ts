/** A sign-in of the demo. */
export interface Person {
  readonly email: string;
  readonly name: string;
}

export const PASSWORD = 'correct horse battery staple';

/** Who can sign in to the demo. */
export const people = {
  /** Partner admin of the first partner. */
  partner: { email: 'partner@example.com', name: 'Marta Bianchi' },
  /** Account manager of the first partner with five accounts, of which one is the admin's. */
  manager: { email: 'manager@example.com', name: 'Lucia Neri' },
  /** Account admin of Rossi Ceramiche. */
  admin: { email: 'admin@example.com', name: 'Paolo Rossi' },
  /** Plain user of the same account. */
  user: { email: 'user@example.com', name: 'Chiara Conti' },
  /** Partner admin of the second partner. */
  other: { email: 'other@example.com', name: 'Jonas Keller' },
  /** Account manager of the second partner, and account admin of one account of the first. */
  several: { email: 'several@example.com', name: 'Sofia Marino' },
} as const satisfies Record<string, Person>;

/** The account that its admin and its plain user belong to. */
export const ROSSI = 'Rossi Ceramiche S.p.A.';
