import { seededRandom } from '../../../../src/shared/seeded-random.ts';
import { type Fault, kindsAt, PLACES, type Place } from './fault-kinds.ts';

/** Says what goes wrong the n-th time at a place. */
export type Schedule = (place: Place, index: number) => Fault | undefined;

/** Whatever the seed gives, for ever. */
export function drawnSchedule(seed: number): Schedule {
  return (place, index) => {
    const random = seededRandom(mix(seed, PLACES.indexOf(place), index));
    let rest = random();
    for (const [kind, onceIn] of kindsAt(place)) {
      rest -= 1 / onceIn;
      if (rest < 0) return { place, index, kind, amount: random() };
    }
    return undefined;
  };
}

/** These faults and no others. */
export function listedSchedule(faults: readonly Fault[]): Schedule {
  const byPlace = new Map(faults.map((fault) => [`${fault.place} ${fault.index}`, fault]));
  return (place, index) => byPlace.get(`${place} ${index}`);
}

/** One number of three, such that neighbours have nothing in common. */
function mix(seed: number, place: number, index: number): number {
  let mixed = Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(place + 1, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d) ^ Math.imul(index + 1, 0xc2b2ae35);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0x297a2d39);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
