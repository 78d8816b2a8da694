import { workFor } from './pause.ts';

interface PriceList {
  currency: string;
  entries: Record<string, { unitPrice: number; taxRate: number }>;
}

interface OrderLine {
  article: string;
  quantity: number;
}

// As a supplier's feed delivers it: nobody has checked that every article has a price.
const supplierFeed = `{"currency":"EUR","entries":{
  "SKU-10442":{"unitPrice":18.5,"taxRate":0.19},
  "SKU-20811":{"unitPrice":64.0,"taxRate":0.07}}}`;

/** Prices the lines of an order; throws a TypeError for an article that the list lacks. */
export async function priceOrder(orderLines: readonly OrderLine[]): Promise<number> {
  await workFor(40);
  const list = loadPriceList(supplierFeed);
  return sumLines(list, orderLines);
}

function loadPriceList(feed: string): PriceList {
  return JSON.parse(feed);
}

function sumLines(list: PriceList, orderLines: readonly OrderLine[]): number {
  return orderLines.reduce((sum, line) => sum + grossPrice(list, line), 0);
}

function grossPrice(list: PriceList, line: OrderLine): number {
  return applyTax(list, line, netPrice(list, line));
}

// The mistake that makes this run fail: nothing says that the entry may be missing.
function entryOf({ entries }: PriceList, article: string): { unitPrice: number } {
  return Reflect.get(entries, article);
}

function netPrice(list: PriceList, line: OrderLine): number {
  const entry = entryOf(list, line.article);
  return entry.unitPrice * line.quantity;
}

function applyTax(list: PriceList, line: OrderLine, net: number): number {
  return net * (1 + (list.entries[line.article]?.taxRate ?? 0));
}
