/* What invocations cost, computed here once more from what was billed, so that nobody has to believe the agent. */
import type { EndpointCosts } from "../api/console";

/* Nano-dollars: billed time x memory x price of a GB-second + requests x price of one. */
export function timeCost({ billed_ms, memory_mb, price_gb_s }: EndpointCosts): number {
	return (billed_ms / 1000) * (memory_mb / 1024) * price_gb_s * 1e9;
}
export const chargedOf = ({ charged, invocations }: EndpointCosts): number => charged ?? invocations;
export const requestCost = (endpoint: EndpointCosts): number => chargedOf(endpoint) * endpoint.price_request * 1e9;

/* Each invocation is rounded to a whole nano-dollar, so the sum may be off by half of one for each. */
export function agrees(endpoint: EndpointCosts): boolean {
	return Math.abs(timeCost(endpoint) + requestCost(endpoint) - endpoint.month_nano) <= 0.5 * chargedOf(endpoint) + 1;
}
