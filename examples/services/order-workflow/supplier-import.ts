import { workFor } from './pause.ts';

class CatalogueRejectedError extends Error {
  override readonly name = 'CatalogueRejectedError';
}

interface CatalogueRow {
  line: number;
  title: string;
  price: string;
}

type Rule = (row: CatalogueRow) => string | undefined;

const titles = [
  'Kaffeemühle "Größe L"',
  'Théière en fonte, 1,2 ℓ',
  '抹茶茶筅（百本立て）',
  'Чайник «Самовар» 3 л',
  'قهوة عربية محمصة',
  'Mug 🫖☕ "Monday\\Morning"',
  "Baker's dozen\ttray",
];

const rules: readonly Rule[] = [
  ({ price }) => (/^\d+\.\d{2}$/.test(price) ? undefined : `price "${price}" is not a decimal`),
  ({ title }) => (title.includes('"') ? `title contains quotes: ${title}` : undefined),
  ({ title }) =>
    /\p{Extended_Pictographic}/u.test(title) ? `title contains emoji: ${title}` : undefined,
  ({ title }) => (title.includes('\t') ? `title contains a tab: ${title}` : undefined),
];

/** Imports a supplier's catalogue; every bad row goes into the message, some 20 KB of it. */
export async function importCatalogue(): Promise<never> {
  await workFor(80);
  return acceptRows(readRows(420));
}

function readRows(count: number): CatalogueRow[] {
  return Array.from({ length: count }, (_, index) => ({
    line: index + 2,
    title: titles[index % titles.length] ?? '',
    price: index % 3 === 0 ? `${index},9` : `${index}.90`,
  }));
}

function acceptRows(rows: readonly CatalogueRow[]): never {
  const problems = rows.flatMap(checkRow);
  throw new CatalogueRejectedError(
    [
      `supplier "Überseekontor & Söhne": ${problems.length} problems in ${rows.length} rows,`,
      ' nothing was imported\r\n',
      ...problems.map((problem) => `  - ${problem}\n`),
      'Correct the file and send it again; the previous catalogue stays in force.',
    ].join(''),
  );
}

function checkRow(row: CatalogueRow): string[] {
  return rules
    .map((rule) => rule(row))
    .filter((problem) => problem !== undefined)
    .map((problem) => `line ${row.line}: ${problem}`);
}
