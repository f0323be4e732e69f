import { expect } from '@playwright/test';
import { people } from './people.ts';
import type { Visitor } from './visitor.ts';

/** What an account is added with when a test needs one to change. */
const USUAL = {
  name: '',
  country: 'IT',
  subdivision: 'IT-MO',
  address1: 'Via Emilia Est 1',
  address2: '',
  city: 'Modena',
  postal_code: '41121',
  language: 'it',
  business_type: 'retail',
  cloud_location: 'europe',
  support_contact: people.partner.email,
};

export type NewAccount = Partial<typeof USUAL>;

let made = 0;

/** A name by which a search finds no other account of this server: of letters, as digits find Account IDs too. */
export function freshName(): string {
  made += 1;
  const letters = [...made.toString().padStart(4, '0')].map((digit) => 'bcdfghjklm'[Number(digit)]);
  // Two of them differ by more than one letter, so that a search for one does not offer the other.
  return `Quince Workshop ${letters.join('')}${letters.join('')}`;
}

/** Adds an account that no other test touches, as the partner; gives its address. */
export async function addAccount(visitor: Visitor, values: NewAccount = {}): Promise<string> {
  await visitor.begin(people.partner);
  const form = { ...USUAL, name: freshName(), ...values, _form: '/api/add_account' };
  const answer = await visitor.page.request.post('/accounts/new', { form, maxRedirects: 0 });
  expect(answer.status()).toBe(303);
  return new URL(answer.headers()['location'] ?? '', visitor.origin).pathname;
}
