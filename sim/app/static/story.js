// What has happened in a cell, line by line.
import { eventsBetween, FIELDS } from './animation.js';

const BACK = 90; // days
const SHOWN = 12;

export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

const harmed = (event) => FIELDS.slice(10).reduce((sum, name) => sum + event[name], 0);

// One event as a line; `words` are the server's, `shown` writes numbers and `date` days.
export function line(event, basemap, actors, words, shown, date) {
  let what = [words.tactics[basemap.tactics[event.tactic]], words.activities[basemap.activities[event.activity]]].filter(Boolean).join(' ');
  const actor = actors[event.actor];
  if (actor && actor !== 'none') what = fill(words.by, { tactic: what, actor });
  const flags = Object.keys(words.flags).filter((name) => event[name]).map((name) => words.flags[name]);
  if (flags.length) what += ` (${flags.join(', ')})`;
  const harm = Object.keys(words.harm).filter((name) => event[name] > 0).map((name) => fill(words.harm[name], { n: shown(event[name]) }));
  return fill(words.line, { date: date(event.day), what, harm: harm.join(', ') || words.unhurt });
}

// State and latest events of a cell on a day of one history.
export function story(animation, day, cell, tell) {
  const now = animation.at(day);
  if (!now) return null;
  const { part, row } = now;
  const cells = part.fighters.shape[1];
  const week = Math.floor(row / 7);
  const weekly = (name) => part[name].values[week * cells + cell];
  const today = part.first.values[0] + row;
  const events = eventsBetween(part, today - BACK, today).filter((event) => event.cell === cell);
  const told = events.filter((event) => harmed(event) > 0 || event.devices_found > 0 || event.kind === 0);
  return {
    fighters: part.fighters.values[row * cells + cell] * 4,
    people: weekly('people') * 100,
    displaced: weekly('displaced'),
    trust: weekly('trust'),
    fear: weekly('fear'),
    soldiers: weekly('soldiers'),
    events: told.slice(-SHOWN).reverse().map(tell),
    more: Math.max(0, told.length - SHOWN),
  };
}

// The latest events of the whole country in which somebody of the mission or a civilian was hurt.
export function latest(animation, day, tell) {
  const now = animation.at(day);
  if (!now) return [];
  const today = now.part.first.values[0] + now.row;
  return eventsBetween(now.part, today - 14, today)
    .filter((event) => event.peacekeepers_killed + event.peacekeepers_wounded > 0 || event.civilians_killed > 2)
    .slice(-6)
    .reverse()
    .map((event) => ({ cell: event.cell, text: tell(event) }));
}

// The nearest named town of a cell.
export function nearestTown(basemap, cell) {
  const [lon, lat] = [basemap.cells.lon[cell], basemap.cells.lat[cell]];
  let best = null;
  for (const [name, x, y] of basemap.towns) {
    const far = (x - lon) ** 2 + (y - lat) ** 2;
    if (!best || far < best.far) best = { name, far };
  }
  return best ? best.name : '';
}
