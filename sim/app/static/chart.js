// Charts as shapes for SVG: paths and points in a box, so that the page can bind them.
export function scale(low, high, from, to) {
  const span = high - low || 1;
  return (value) => from + ((value - low) / span) * (to - from);
}

export function ticks(low, high, count) {
  const rough = (high - low) / count || 1;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * unit).find((n) => n >= rough);
  const found = [];
  for (let at = Math.ceil(low / step) * step; at <= high + 1e-9; at += step) found.push(Math.round(at * 1e6) / 1e6 || 0);
  return found.filter((at) => Number.isInteger(at) || step < 1);
}

// Sums since the start: [0, first, first + second, ...].
function grown(history) {
  const sums = [0];
  history.forEach((value) => sums.push(sums[sums.length - 1] + value));
  return sums;
}

function line(sums, x, y) {
  return sums.map((value, n) => `${n ? 'L' : 'M'}${x(n).toFixed(1)},${y(value).toFixed(1)}`).join('');
}

function middle(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}

const monthOf = (text) => Number(text.slice(0, 4)) * 12 + Number(text.slice(5, 7)) - 1;

// Histories of both policies since the start, their medians, the record, and the withheld years.
export function course(found, outcome, record, withheld, box) {
  const known = found.outcomes && found.outcomes[outcome];
  if (!known) return null;
  const edges = found.edges.map(monthOf);
  const bins = edges.length - 1;
  const [first, second] = [known.first.map(grown), known.second.map(grown)];
  const ends = [...first, ...second].map((sums) => sums[bins]).sort((a, b) => a - b);
  const seen = grown(record.map((row) => row[2] * Math.round((monthOf(row[1]) - monthOf(row[0])) / (edges[1] - edges[0]))));
  const top = Math.max(4, ends[Math.floor(0.97 * (ends.length - 1))], seen[seen.length - 1]) * 1.05;
  const x = scale(0, bins, box.left, box.width - box.right);
  const y = scale(0, top, box.height - box.bottom, box.top);
  const months = scale(edges[0], edges[bins], box.left, box.width - box.right);
  const shade = withheld ? Math.max(monthOf(withheld) + 1, edges[0]) : edges[bins];
  const median = (histories) => line(edges.map((_, n) => middle(histories.map((sums) => sums[n]))), x, y);
  return {
    faint: [...first.map((sums) => ({ path: line(sums, x, y), second: false })), ...second.map((sums) => ({ path: line(sums, x, y), second: true }))],
    medians: [median(first), median(second)],
    record: record.length ? [record[0][0], ...record.map((row) => row[1])].map((month, n) => ({ x: months(monthOf(month)), y: y(seen[n]) })) : [],
    withheld: shade < edges[bins] ? { x: months(shade), width: months(edges[bins]) - months(shade) } : null,
    y: ticks(0, top, 4).map((value) => ({ value, at: y(value) })),
    x: yearTicks(edges, months),
    day: (share) => box.left + share * (box.width - box.right - box.left),
  };
}

function yearTicks(edges, months) {
  const [first, last] = [edges[0], edges[edges.length - 1]];
  const step = last - first <= 14 ? 3 : 12;
  const found = [];
  for (let month = Math.ceil(first / step) * step; month <= last; month += step) {
    found.push({ month: month % 12, year: Math.floor(month / 12), at: months(month), monthly: step === 3 });
  }
  return found;
}

// Paired differences as dots stacked in columns, with their mean and its interval.
export function dots(found, outcome, box) {
  const known = found.outcomes && found.outcomes[outcome];
  if (!known) return null;
  const values = known.differences;
  const reach = Math.max(3, ...values.map(Math.abs), Math.abs(known.low ?? 0), Math.abs(known.high ?? 0)) * 1.08;
  const x = scale(-reach, reach, box.left, box.width - box.right);
  const size = Math.min(3.6, (box.width - box.left - box.right) / 60);
  const wide = size * 2.15;
  const columns = new Map();
  const points = [...values].sort((a, b) => a - b).map((value) => {
    const column = Math.round(x(value) / wide);
    const height = columns.get(column) || 0;
    columns.set(column, height + 1);
    return { value, x: column * wide, height };
  });
  const tallest = Math.max(...columns.values());
  const lift = Math.min(wide, (box.height - box.bottom - box.top - 16) / tallest);
  return {
    points: points.map((point) => ({ ...point, y: box.height - box.bottom - 12 - size - point.height * lift })),
    size,
    zero: x(0),
    mean: x(known.mean),
    low: x(known.low ?? known.mean),
    high: x(known.high ?? known.mean),
    bar: box.height - box.bottom - 5,
    x: ticks(-reach, reach, 5).map((value) => ({ value, at: x(value) })),
  };
}

// The running difference of the one history that plays: second less first, from the first day to this one.
export function running(animations, field, day, days, box) {
  if (!animations[0] || !animations[1]) return null;
  const count = Math.min(day, days - 1);
  const stride = Math.max(1, Math.floor(count / 160));
  const values = [];
  for (let at = 0; at <= count; at += stride) {
    const [first, second] = animations.map((animation) => animation.total(field, at));
    if (first === null || second === null) return null;
    values.push([at, second - first]);
  }
  const last = animations.map((animation) => animation.total(field, count));
  values.push([count, last[1] - last[0]]);
  const low = Math.min(-2, ...values.map((pair) => pair[1])) * 1.1;
  const high = Math.max(2, ...values.map((pair) => pair[1])) * 1.35;
  const x = scale(0, days - 1, box.left, box.width - box.right);
  const y = scale(low, high, box.height - box.bottom, box.top);
  const path = values.map(([at, value], n) => `${n ? 'H' : 'M'}${x(at).toFixed(1)}${n ? 'V' : ','}${y(value).toFixed(1)}`).join('');
  return { path, zero: y(0), y: ticks(low, high, 3).map((value) => ({ value, at: y(value) })), last: last[1] - last[0], end: x(count), top: y(last[1] - last[0]) };
}
