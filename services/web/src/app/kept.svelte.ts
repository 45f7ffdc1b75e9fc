/** Know whether this device keeps acts of the person who is here: they are shown with the lots, of which there may be none. */

class Kept {
  isThere = $state(false);

  async look(accountId: string): Promise<void> {
    const { leftovers, openDevice } = await import("$/api/device");
    this.isThere = (await leftovers(await openDevice(), accountId)).length > 0;
  }
}

export const kept = new Kept();
