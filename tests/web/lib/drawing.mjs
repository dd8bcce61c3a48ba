/* Draws grey embryo-like pictures for the pretended box: enough for a page to show, nothing to measure. */
import { crc32, deflateSync } from "./png.mjs";

export const SIDE = 500;
const CENTRE = SIDE / 2;
const ZONA = 150;
/* Math.hypot takes care of what is far too large or small, and is many times slower for it. */
const length = (x, y) => Math.sqrt(x * x + y * y);

function random(seed) {
	let state = seed >>> 0 || 1;
	return () => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return state / 4294967296;
	};
}

/* Spheres that fill the zona: [x, y, radius] from the centre. */
function cells(count, seed) {
	const next = random(seed * 97 + count);
	if (count === 1) return [[0, 0, 118]];
	const radius = 118 * Math.cbrt(1 / count) * 1.08;
	const room = 128 - radius;
	let best = [];
	for (let round = 0; round < 40; round++) {
		const placed = [];
		for (let tries = 0; placed.length < count && tries < 300; tries++) {
			const angle = next() * 2 * Math.PI;
			const far = room * Math.sqrt(next());
			const spot = [Math.cos(angle) * far, Math.sin(angle) * far, radius * (0.92 + 0.16 * next())];
			const apart = placed.every(([x, y]) => length(x - spot[0], y - spot[1]) > radius * (count < 5 ? 1.35 : 0.95));
			if (apart) placed.push(spot);
		}
		if (placed.length > best.length) best = placed;
		if (best.length === count) break;
	}
	return best;
}

/* Height of the relief: cells as domes, zona as a raised ring, blastocyst as a thin-walled balloon with a clump. */
function heights(scene) {
	const map = new Float32Array(SIDE * SIDE);
	const { x: cx, y: cy, zona, spheres, blastocyst, expansion } = scene;
	for (let y = 0; y < SIDE; y++) {
		for (let x = 0; x < SIDE; x++) {
			const dx = x - cx;
			const dy = y - cy;
			const r = length(dx, dy);
			let h = 0;
			if (zona) {
				const wall = (r - ZONA * expansion) / (blastocyst ? 6 : 11);
				h += 16 * Math.exp(-wall * wall);
			}
			if (blastocyst && r < 138 * expansion) {
				const edge = (138 * expansion - r) / 9;
				h += 15 * Math.exp(-((edge - 1) ** 2)) + 5 * Math.sin(Math.atan2(dy, dx) * 19) * Math.exp(-((edge - 1.2) ** 2));
			}
			for (const [sx, sy, radius] of spheres) {
				const d2 = (dx - sx) ** 2 + (dy - sy) ** 2;
				if (d2 < radius * radius) h = Math.max(h, Math.sqrt(radius * radius - d2) * 0.5 + 4);
			}
			map[y * SIDE + x] = h;
		}
	}
	return map;
}

function blur(map, radius) {
	if (radius < 1) return map;
	const out = new Float32Array(map.length);
	for (const [step, line] of [[1, SIDE], [SIDE, 1]]) {
		const from = step === 1 ? map : out.slice();
		for (let i = 0; i < SIDE; i++) {
			let sum = 0;
			for (let k = -radius; k < SIDE; k++) {
				if (k + radius < SIDE) sum += from[i * line + (k + radius) * step];
				if (k - radius - 1 >= 0) sum -= from[i * line + (k - radius - 1) * step];
				if (k >= 0) out[i * line + k * step] = sum / (2 * radius + 1);
			}
		}
	}
	return out;
}

/* The page of an embryo asks for each of its runs. */
const scenes = new Map();
export function sceneOf(embryo, stage) {
	const key = `${embryo} ${stage}`;
	if (!scenes.has(key)) scenes.set(key, sceneMake(embryo, stage));
	return scenes.get(key);
}
function sceneMake(embryo, stage) {
	const next = random(embryo * 7919);
	const scene = { x: CENTRE + (next() - 0.5) * 24, y: CENTRE + (next() - 0.5) * 24, zona: stage !== "empty", spheres: [], blastocyst: false, expansion: 1 };
	const count = { tPB2: 1, tPNa: 1, tPNf: 1, t2: 2, t3: 3, t4: 4, t5: 5, t6: 6, t7: 7, t8: 8, t9: 11 }[stage];
	if (count) scene.spheres = cells(count, embryo);
	if (stage === "tPNa") scene.spheres.push([-14, 4, 20], [16, -6, 22]);
	if (stage === "tM") scene.spheres = cells(16, embryo).map(([x, y, r]) => [x * 0.72, y * 0.72, r * 1.1]);
	if (["tSB", "tB", "tEB", "tHB"].includes(stage)) {
		scene.blastocyst = true;
		scene.expansion = { tSB: 0.98, tB: 1.02, tEB: 1.16, tHB: 1.24 }[stage];
		scene.spheres = cells(9, embryo + 5).map(([x, y, r]) => [x * 0.36 - 62, y * 0.36 + 34, r * 0.5]);
	}
	return { ...scene, radius: ZONA * scene.expansion + 8 };
}

/* The planes of a picture are asked for one after the other. */
let relief = { key: "", map: null };
function reliefOf(embryo, stage) {
	const key = `${embryo} ${stage}`;
	if (relief.key !== key) relief = { key, map: heights(sceneOf(embryo, stage)) };
	return relief.map;
}

export function drawPng(embryo, stage, focal) {
	const map = blur(reliefOf(embryo, stage), Math.round(Math.abs(focal - 15) / 15));
	const next = random(embryo * 31 + focal + 1000);
	const raw = Buffer.alloc(SIDE * (SIDE + 1));
	for (let y = 0; y < SIDE; y++) {
		for (let x = 0; x < SIDE; x++) {
			const at = y * SIDE + x;
			const a = map[Math.min(SIDE - 1, y + 2) * SIDE + Math.min(SIDE - 1, x + 2)];
			const b = map[Math.max(0, y - 2) * SIDE + Math.max(0, x - 2)];
			const r = length(x - CENTRE, y - CENTRE);
			const well = r > 236 ? -60 : r > 229 ? 46 * Math.sin((x + y - SIDE) / 150) : 0;
			const grain = (next() - 0.5) * (map[at] > 3 ? 22 : 9);
			raw[y * (SIDE + 1) + 1 + x] = Math.max(0, Math.min(255, 128 + (x - y) * 0.02 + (a - b) * 6.2 + well + grain));
		}
	}
	const chunk = (name, data) => {
		const body = Buffer.concat([Buffer.from(name), data]);
		const out = Buffer.alloc(body.length + 8);
		out.writeUInt32BE(data.length, 0);
		body.copy(out, 4);
		out.writeUInt32BE(crc32(body), body.length + 4);
		return out;
	};
	const header = Buffer.alloc(13);
	header.writeUInt32BE(SIDE, 0);
	header.writeUInt32BE(SIDE, 4);
	header[8] = 8;
	return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk("IHDR", header),
		chunk("IDAT", deflateSync(raw, { level: 1 })), chunk("IEND", Buffer.alloc(0))]);
}
