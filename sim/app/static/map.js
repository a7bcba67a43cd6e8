// The map: basemap once on a canvas of its own, everything that moves over it on every picture.
import { eventsBetween } from './animation.js';

export const COLOURS = {
  land: '#F6F6F3', border: '#8C8C8C', road: '#4D4D4D', band: '#CC79A7', mission: '#0072B2', convoy: '#009E73',
  harm: '#D55E00', civilian: '#000000', displaced: '#E69F00', other: '#6E6E6E', find: '#56B4E9',
};
const FADE = 10; // days that an event stays on the map

export class MissionMap {
  constructor(canvas, basemap) {
    this.canvas = canvas;
    this.basemap = basemap;
    this.frame = basemap.frame;
    this.squeeze = Math.cos(((this.frame.south + this.frame.north) / 2) * (Math.PI / 180));
    this.land = document.createElement('canvas');
    this.resize();
  }

  resize() {
    const ratio = window.devicePixelRatio || 1;
    const width = this.canvas.clientWidth;
    const height = this.canvas.clientHeight;
    if (!width || !height) return;
    for (const canvas of [this.canvas, this.land]) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    this.ratio = ratio;
    const { west, east, south, north } = this.frame;
    this.scale = Math.min(width / ((east - west) * this.squeeze), height / (north - south));
    this.left = (width - this.scale * (east - west) * this.squeeze) / 2;
    this.top = (height - this.scale * (north - south)) / 2;
    this.drawBasemap();
  }

  x(lon) { return this.left + (lon - this.frame.west) * this.squeeze * this.scale; }
  y(lat) { return this.top + (this.frame.north - lat) * this.scale; }

  cellAt(x, y) {
    const lon = (x - this.left) / (this.squeeze * this.scale) + this.frame.west;
    const lat = this.frame.north - (y - this.top) / this.scale;
    const { lon: lons, lat: lats } = this.basemap.cells;
    const half = this.basemap.cellSize / 2;
    return lons.findIndex((at, n) => Math.abs(at - lon) <= half && Math.abs(lats[n] - lat) <= half);
  }

  begin(canvas) {
    const pen = canvas.getContext('2d');
    pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    pen.clearRect(0, 0, this.canvas.clientWidth, this.canvas.clientHeight);
    return pen;
  }

  drawBasemap() {
    const pen = this.begin(this.land);
    pen.fillStyle = COLOURS.land;
    pen.strokeStyle = COLOURS.border;
    pen.lineWidth = 0.8;
    for (const rings of Object.values(this.basemap.regions)) {
      for (const ring of rings) {
        pen.beginPath();
        for (const [lon, lat] of ring) pen.lineTo(this.x(lon), this.y(lat));
        pen.closePath();
        pen.fill();
        pen.stroke();
      }
    }
    pen.strokeStyle = COLOURS.road;
    pen.setLineDash([5, 3]);
    pen.lineWidth = 0.8;
    for (const [a, b, c, d] of this.basemap.roads) {
      pen.beginPath();
      pen.moveTo(this.x(a), this.y(b));
      pen.lineTo(this.x(c), this.y(d));
      pen.stroke();
    }
    pen.setLineDash([]);
    pen.font = '10px sans-serif';
    pen.fillStyle = '#595959';
    pen.textAlign = 'center';
    for (const [name, [lon, lat]] of Object.entries(this.basemap.labels)) pen.fillText(name.toUpperCase(), this.x(lon), this.y(lat));
  }

  start() {
    const pen = this.begin(this.canvas);
    pen.drawImage(this.land, 0, 0, this.canvas.clientWidth, this.canvas.clientHeight);
    return pen;
  }

  square(pen, cell) {
    const half = this.basemap.cellSize / 2;
    const { lon, lat } = this.basemap.cells;
    const [x, y] = [this.x(lon[cell] - half), this.y(lat[cell] + half)];
    return [x, y, this.x(lon[cell] + half) - x, this.y(lat[cell] - half) - y];
  }

  // Mean deaths by cell over all histories: circles whose area is the number.
  drawMean(rows, most, colour) {
    const pen = this.start();
    this.drawBases(pen, null);
    const place = new Map(this.basemap.cells.gid.map((gid, n) => [gid, n]));
    pen.fillStyle = `${colour}B0`;
    pen.strokeStyle = '#FFFFFF';
    pen.lineWidth = 0.7;
    for (const [gid, mean] of rows) {
      const cell = place.get(gid);
      if (cell === undefined) continue;
      pen.beginPath();
      const radius = this.scale * 0.62 * Math.sqrt(mean / most);
      pen.arc(this.x(this.basemap.cells.lon[cell]), this.y(this.basemap.cells.lat[cell]), Math.max(radius, 0.8), 0, 7);
      pen.fill();
      pen.stroke();
    }
    this.drawBaseNames(pen);
  }

  // One day of one history.
  drawDay(part, row, chosen) {
    const pen = this.start();
    const week = Math.floor(row / 7);
    const cells = this.basemap.cells.lon.length;
    this.drawBands(pen, part.fighters.values.subarray(row * cells, (row + 1) * cells));
    this.drawPeople(pen, part, week, cells);
    this.drawPatrols(pen, part.patrols, row);
    this.drawConvoys(pen, part, row);
    this.drawBases(pen, part.strength.values.subarray(week * part.strength.shape[1], (week + 1) * part.strength.shape[1]));
    const today = part.first.values[0] + row;
    for (const event of eventsBetween(part, today - FADE, today)) this.drawEvent(pen, event, today - event.day);
    this.drawBaseNames(pen);
    if (chosen >= 0) {
      pen.strokeStyle = '#000000';
      pen.lineWidth = 2;
      pen.strokeRect(...this.square(pen, chosen));
    }
  }

  drawBands(pen, fighters) {
    pen.fillStyle = COLOURS.band;
    fighters.forEach((steps, cell) => {
      if (!steps) return;
      pen.globalAlpha = Math.min(0.75, 0.12 + steps / 110);
      pen.fillRect(...this.square(pen, cell));
    });
    pen.globalAlpha = 1;
  }

  drawPeople(pen, part, week, cells) {
    const people = part.people.values.subarray(week * cells, (week + 1) * cells);
    const away = part.displaced.values.subarray(week * cells, (week + 1) * cells);
    people.forEach((hundreds, cell) => {
      if (hundreds < 20) return;
      const radius = Math.min(this.scale * 0.2, Math.sqrt(hundreds) * this.scale * 0.0065);
      const [x, y] = [this.x(this.basemap.cells.lon[cell]), this.y(this.basemap.cells.lat[cell])];
      pen.beginPath();
      pen.arc(x, y, radius, 0, 7);
      pen.strokeStyle = '#00000030';
      pen.lineWidth = 0.6;
      pen.stroke();
      if (!away[cell]) return;
      pen.beginPath();
      pen.moveTo(x, y);
      pen.arc(x, y, Math.max(radius, 2.5), -Math.PI / 2, -Math.PI / 2 + (2 * Math.PI * away[cell]) / 100);
      pen.fillStyle = COLOURS.displaced;
      pen.fill();
    });
  }

  drawBases(pen, strength) {
    this.basemap.bases.forEach((base, n) => {
      const persons = strength ? strength[n] : 600;
      if (!persons) return;
      const side = 3 + Math.sqrt(persons) / 7;
      pen.fillStyle = '#FFFFFF';
      pen.strokeStyle = '#000000';
      pen.lineWidth = 1.2;
      pen.fillRect(this.x(base.lon) - side / 2, this.y(base.lat) - side / 2, side, side);
      pen.strokeRect(this.x(base.lon) - side / 2, this.y(base.lat) - side / 2, side, side);
    });
  }

  drawBaseNames(pen) {
    pen.font = '10px sans-serif';
    pen.textAlign = 'left';
    pen.lineWidth = 2.5;
    pen.strokeStyle = '#FFFFFFD0';
    pen.fillStyle = '#1A1A1A';
    for (const name of this.basemap.labelled) {
      const base = this.basemap.bases.find((one) => one.name === name);
      if (!base) continue;
      pen.strokeText(name, this.x(base.lon) + 6, this.y(base.lat) + 3.5);
      pen.fillText(name, this.x(base.lon) + 6, this.y(base.lat) + 3.5);
    }
  }

  // Patrols of a cell stand around its middle, each unit always at the same place.
  drawPatrols(pen, { values, shape }, row) {
    pen.fillStyle = COLOURS.mission;
    for (let unit = 0; unit < shape[1]; unit++) {
      const cell = values[row * shape[1] + unit];
      if (cell < 0) continue;
      const turn = unit * 2.39996;
      const reach = this.basemap.cellSize * (0.12 + 0.28 * ((unit * 0.618) % 1));
      const x = this.x(this.basemap.cells.lon[cell] + reach * Math.cos(turn));
      const y = this.y(this.basemap.cells.lat[cell] + reach * Math.sin(turn));
      pen.fillRect(x - 1.8, y - 1.8, 3.6, 3.6);
    }
  }

  drawConvoys(pen, part, row) {
    const { values } = part.convoys;
    const [from, to] = [part.convoy_start.values[row], part.convoy_start.values[row + 1]];
    for (let n = from; n < to; n++) {
      const [number, cell, , escort, searchers] = values.subarray(5 * n, 5 * n + 5);
      const x = this.x(this.basemap.cells.lon[cell] + 0.08 * ((number % 5) - 2));
      const y = this.y(this.basemap.cells.lat[cell] + 0.05 * ((number % 3) - 1));
      pen.beginPath();
      pen.moveTo(x, y - 4);
      pen.lineTo(x + 3.6, y + 2.6);
      pen.lineTo(x - 3.6, y + 2.6);
      pen.closePath();
      pen.fillStyle = escort > 0 ? COLOURS.convoy : '#FFFFFF';
      pen.strokeStyle = searchers > 0 ? '#000000' : COLOURS.convoy;
      pen.lineWidth = 0.9;
      pen.fill();
      pen.stroke();
    }
  }

  drawEvent(pen, event, age) {
    const mission = event.peacekeepers_killed + event.peacekeepers_wounded + event.contractors_killed;
    const against = this.basemap.kinds[event.kind];
    const civilians = event.civilians_killed + event.civilians_wounded;
    const others = event.malian_forces_killed + event.partner_forces_killed + event.fighters_killed;
    if (!['mission', 'find'].includes(against) && civilians + others === 0) return;
    const [x, y] = [this.x(this.basemap.cells.lon[event.cell]), this.y(this.basemap.cells.lat[event.cell])];
    pen.globalAlpha = Math.max(0.12, 1 - age / FADE);
    pen.lineWidth = 1.6;
    if (against === 'mission') this.cross(pen, x, y, 3.5 + Math.min(6, mission), mission > 0 ? COLOURS.harm : COLOURS.other);
    else if (against === 'find') this.tick(pen, x, y);
    else if (civilians > 0) this.ring(pen, x, y, 2.5 + Math.min(9, Math.sqrt(3 * civilians)), COLOURS.civilian);
    else this.ring(pen, x, y, 2 + Math.min(7, Math.sqrt(others)), COLOURS.other);
    if (age === 0 && event.peacekeepers_killed > 0) this.ring(pen, x, y, 13, COLOURS.harm);
    pen.globalAlpha = 1;
  }

  cross(pen, x, y, size, colour) {
    pen.strokeStyle = colour;
    pen.lineWidth = 2.4;
    pen.beginPath();
    pen.moveTo(x - size, y - size);
    pen.lineTo(x + size, y + size);
    pen.moveTo(x + size, y - size);
    pen.lineTo(x - size, y + size);
    pen.stroke();
  }

  tick(pen, x, y) {
    pen.strokeStyle = COLOURS.find;
    pen.lineWidth = 2;
    pen.beginPath();
    pen.moveTo(x - 4, y);
    pen.lineTo(x - 1, y + 3);
    pen.lineTo(x + 5, y - 4);
    pen.stroke();
  }

  ring(pen, x, y, size, colour) {
    pen.strokeStyle = colour;
    pen.beginPath();
    pen.arc(x, y, size, 0, 7);
    pen.stroke();
  }
}
