/** Read the lists of the gateway to their end, page by page. */
import type { List } from "./types";

/** As much as the gateway gives at once. */
const LARGEST = 1000;

export interface PageQuery {
  page_size: number;
  page_token: string;
}
type Paged = { next_page_token?: string };

/** Read every page of a list. */
export async function readPages<P extends Paged>(
  read: (query: PageQuery) => Promise<P>,
  page_size = LARGEST,
): Promise<P[]> {
  const pages: P[] = [];
  let page_token = "";
  do {
    const page = await read({ page_size, page_token });
    pages.push(page);
    page_token = page.next_page_token ?? "";
  } while (page_token);
  return pages;
}

/** Read every item of a list. */
export async function readAll<T>(
  read: (query: PageQuery) => Promise<List<T>>,
  page_size = LARGEST,
): Promise<T[]> {
  return (await readPages(read, page_size)).flatMap((page) => page.items);
}
