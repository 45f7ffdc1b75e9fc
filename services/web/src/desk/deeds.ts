/** Offer the desk's commands and the copies of the lot to the palette. */
import type { Deed } from "$/app/palette.svelte";
import { router } from "$/app/router.svelte";
import { m } from "$/i18n/generated/messages.js";
import { COMMANDS, type Command } from "$/model/keymap";
import { perform, type Surroundings } from "./commands";
import { COMMAND_NAMES, written } from "./names";
import type { Neighbours } from "./neighbours.svelte";
import { preferences } from "./preferences.svelte";
import type { Room } from "./room.svelte";

type Offered = Exclude<Command, "digit" | "decimal" | "accept" | "escape">;

/** These only mean something as keys. */
const KEYS_ONLY: ReadonlySet<Command> = new Set(["digit", "decimal", "accept", "escape"]);

export function deedsOf(room: Room, neighbours: Neighbours, around: Surroundings): Deed[] {
  const commands = COMMANDS.filter((command): command is Offered => !KEYS_ONLY.has(command));
  return [
    ...commands.map((command) => ({
      id: command,
      label: COMMAND_NAMES[command](),
      detail: preferences.bindings[command].slice(0, 1).map(written).join(""),
      run: () => perform(command, room, around),
    })),
    ...neighbours.copies.map((copy, i) => ({
      id: copy.id,
      label: m.desk_copy_of({ number: i + 1, count: neighbours.copies.length }),
      detail: copy.code,
      run: () => router.go(`/desk/${copy.exam_id}/${copy.id}`),
    })),
  ];
}
