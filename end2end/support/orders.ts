import { expect } from '@playwright/test';
import { people } from './people.ts';
import type { Visitor } from './visitor.ts';

let made = 0;

/** A tracking number that no other order of this server has. */
export function freshNumber(): string {
  made += 1;
  return `E2E-${made}-${Math.floor(performance.now())}`;
}

/** Imports an order, as the partner, and gives its tracking number. */
export async function importOrder(visitor: Visitor, values: Partial<Record<string, string>> = {}): Promise<string> {
  const order = {
    tracking_number: freshNumber(),
    product: 'Mitel One',
    plan: 'Premier',
    quantity: '10',
    purchase_date: '2026-01-10',
    end_date: '2099-12-31',
    sap_order: '',
    sap_customer_number: '',
    purchase_orders: '',
    ...values,
  };
  await visitor.begin(people.partner);
  const csv = `${Object.keys(order).join(',')}\n${Object.values(order).join(',')}\n`;
  const form = { _form: '/api/import_orders', confirmed: 'true', csv };
  const answer = await visitor.page.request.post('/orders/import', { form, maxRedirects: 0 });
  expect(answer.status()).toBe(303);
  return order.tracking_number;
}
