/* The two things a PNG needs; Node 18's zlib has no crc32. */
export { deflateSync } from "node:zlib";

const table = Int32Array.from({ length: 256 }, (_, n) => {
	for (let k = 0; k < 8; k++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
	return n;
});
export function crc32(buffer) {
	let crc = -1;
	for (const byte of buffer) crc = (crc >>> 8) ^ table[(crc ^ byte) & 255];
	return (crc ^ -1) >>> 0;
}
