// What a cell has seen, told in sentences.
import { eventsBetween, FIELDS } from './animation.js';

const BACK = 90; // days
const SHOWN = 12;

export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

const harmed = (event) => FIELDS.slice(10).reduce((sum, name) => sum + event[name], 0);

// A sentence of one event; `say` translates, `shown` writes numbers and `date` days.
export function sentence(event, basemap, actors, say, shown, date) {
  const tactic = {
    ied: say('explosive device'), ied_then_ambush: say('explosive device and ambush'), direct_fire: say('ambush or direct fire'),
    indirect_fire: say('shelling'), complex_attack: say('complex attack'), battle: say('battle'), raid: say('raid'),
    clash: say('clash between armed groups'), killing: say('attack on civilians'), find: say('explosive device found'),
    accident: say('accident'), illness: say('illness'),
  }[basemap.tactics[event.tactic]];
  const activity = {
    patrol: say('on a patrol'), convoy: say('on a convoy'), camp: say('on a camp'), garrison: say('on a garrison'),
    settlement: say('in a settlement'), road: say('on a road'),
  }[basemap.activities[event.activity]];
  const parts = [activity ? `${tactic} ${activity}` : tactic];
  const actor = actors[event.actor];
  if (actor && actor !== 'none') parts.push(fill(say('by {actor}'), { actor }));
  const flags = [[event.escorted, say('escorted')], [event.cleared, say('road inspected')], [event.joint, say('joint patrol')]];
  const told = flags.filter((flag) => flag[0]).map((flag) => flag[1]);
  if (told.length) parts.push(`(${told.join(', ')})`);
  const losses = [
    ['peacekeepers_killed', say('peacekeepers killed: {n}')], ['peacekeepers_wounded', say('peacekeepers wounded: {n}')],
    ['peacekeepers_died_other', say('peacekeepers who died: {n}')], ['contractors_killed', say('contractors killed: {n}')],
    ['civilians_killed', say('civilians killed: {n}')], ['civilians_wounded', say('civilians wounded: {n}')],
    ['malian_forces_killed', say('Malian soldiers killed: {n}')], ['partner_forces_killed', say('partner soldiers killed: {n}')],
    ['fighters_killed', say('fighters killed: {n}')], ['devices_found', say('devices found: {n}')],
  ].filter(([name]) => event[name] > 0).map(([name, text]) => fill(text, { n: shown(event[name]) }));
  return `${date(event.day)}: ${parts.join(' ')}. ${losses.length ? `${losses.join(', ')}.` : say('Nobody was hurt.')}`;
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
