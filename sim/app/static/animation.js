// A animation in parts, as sim/app/animation.py writes it; a part is fetched when its days come near.
const TYPES = { uint8: Uint8Array, uint16: Uint16Array, int16: Int16Array, int32: Int32Array };
const KEPT = 6; // parts: two years before and after are enough, and a decade stays small

export function decoded(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const arrays = {};
  for (const [name, { type, shape, at }] of Object.entries(head)) {
    const size = shape.reduce((product, n) => product * n, 1);
    arrays[name] = { values: new TYPES[type](buffer, 4 + length + at, size), shape };
  }
  return arrays;
}

export class Animation {
  constructor(token, variant, firstDay, days, partDays) {
    Object.assign(this, { token, variant, firstDay, days, partDays, parts: new Map(), replication: 0, harm: [] });
  }

  // The part that holds a day counted from the start of the period, or null while it is on its way.
  at(day) {
    const number = Math.floor(day / this.partDays);
    const part = this.parts.get(number);
    return part && part.arrays ? { part: part.arrays, row: day - number * this.partDays } : null;
  }

  async need(day) {
    const number = Math.floor(day / this.partDays);
    if (!this.parts.has(number)) this.parts.set(number, { promise: this.fetched(number) });
    this.forget(number);
    await this.parts.get(number).promise;
  }

  async fetched(number) {
    const where = `/animation/${this.token}/${this.variant}/${this.replication}/${number}`;
    const answer = await fetch(where);
    if (!answer.ok) {
      this.parts.delete(number);
      throw new Error(`${answer.status}`);
    }
    const arrays = decoded(await answer.arrayBuffer());
    this.parts.get(number).arrays = arrays;
    this.harm[number] = harmByDay(arrays);
  }

  forget(near) {
    for (const number of [...this.parts.keys()].sort((a, b) => Math.abs(b - near) - Math.abs(a - near))) {
      if (this.parts.size <= KEPT) return;
      this.parts.delete(number);
    }
  }

  // Sum of a field of events from the first day to a day; null where a part has never been seen.
  total(field, day) {
    const column = FIELDS.indexOf(field);
    const last = Math.floor(day / this.partDays);
    let sum = 0;
    for (let number = 0; number <= last; number++) {
      const harm = this.harm[number];
      if (!harm) return null;
      const row = number < last ? harm.length / FIELDS.length - 1 : day - number * this.partDays;
      sum += harm[row * FIELDS.length + column];
    }
    return sum;
  }
}

export const FIELDS = [
  'day', 'cell', 'kind', 'tactic', 'activity', 'actor', 'escorted', 'cleared', 'joint', 'devices_found',
  'peacekeepers_killed', 'peacekeepers_wounded', 'peacekeepers_died_other', 'contractors_killed',
  'civilians_killed', 'civilians_wounded', 'malian_forces_killed', 'partner_forces_killed', 'fighters_killed',
];

// Sums of every field from the first day of a part to each of its days.
function harmByDay({ events, first, fighters }) {
  const width = FIELDS.length;
  const sums = new Int32Array(fighters.shape[0] * width);
  for (let row = 0; row < events.shape[0]; row++) {
    const day = events.values[row * width] - first.values[0];
    for (let n = 9; n < width; n++) sums[day * width + n] += events.values[row * width + n];
  }
  for (let n = width; n < sums.length; n++) sums[n] += sums[n - width];
  return sums;
}

// Events of a part between two days (inclusive, in days since the epoch of the model), as plain objects.
export function eventsBetween(part, from, to) {
  const { values, shape } = part.events;
  const width = FIELDS.length;
  let low = 0;
  let high = shape[0];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle * width] < from) low = middle + 1;
    else high = middle;
  }
  const found = [];
  for (let row = low; row < shape[0] && values[row * width] <= to; row++) {
    const event = {};
    for (let n = 0; n < width; n++) event[FIELDS[n]] = values[row * width + n];
    found.push(event);
  }
  return found;
}
