/** Know everything that can be done from here, so that it can be found by typing. */

export interface Deed {
  /** Another for each thing that can be chosen. */
  id: string;
  label: string;
  /** Its key, or what tells it from others. */
  detail?: string;
  run: () => void;
}

type Offer = () => readonly Deed[];

class Palette {
  isOpen = $state(false);
  #offers = new Set<Offer>();

  /** What the screens offer at this moment, the innermost first. */
  get deeds(): Deed[] {
    return [...this.#offers].reverse().flatMap((offer) => offer());
  }

  /** Add what a screen offers, until the returned function is called. */
  offer(offer: Offer): () => void {
    this.#offers.add(offer);
    return () => this.#offers.delete(offer);
  }
}

export const palette = new Palette();
