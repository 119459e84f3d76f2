import type { EndpointFigures, EndpointView, Quantiles } from '../catalogue/endpoint-view.ts';
import type { JsonObject } from '../model/json.ts';
import { describeLimits, describePrices } from './describe-model.ts';

/** One place that serves a model, as `GET /v1/models/{id}/endpoints` shows it. Null: too few calls, or nobody said. */
export function describeEndpoint(view: EndpointView): JsonObject {
  const { provider, model, region, capabilities, limits, priceList, quantization, privacy, ready, circuit, figures } = view;
  return {
    provider,
    model,
    region: region ?? null,
    architecture: { input_modalities: capabilities.input, output_modalities: capabilities.output },
    features: capabilities.features,
    limits: describeLimits(limits),
    pricing: describePrices(priceList),
    missing_parameters: view.missingParameters,
    quantization: quantization ?? null,
    privacy:
      privacy === undefined
        ? null
        : {
            keeps_no_data: privacy.keepsNoData,
            retains_nothing: privacy.retainsNothing,
            trains_on_nothing: privacy.trainsOnNothing,
          },
    ready,
    circuit: { state: circuit.state, asked_again_in_seconds: circuit.askedAgainInSeconds ?? null },
    ...describeFigures(figures),
  };
}

function describeFigures({ latencyMs, throughput, uptime }: EndpointFigures): JsonObject {
  return {
    latency_ms_last_30m: describeQuantiles(latencyMs),
    throughput_last_30m: describeQuantiles(throughput),
    uptime_last_5m: share(uptime.last5Minutes),
    uptime_last_30m: share(uptime.last30Minutes),
    uptime_last_1d: share(uptime.lastDay),
  };
}

/** Figures are known to two percent: more digits would promise more. */
const digits = 4;

export function describeQuantiles(quantiles: Quantiles | undefined): JsonObject | null {
  if (quantiles === undefined) return null;
  return Object.fromEntries(Object.entries(quantiles).map(([name, value]: [string, number]) => [name, rounded(value)]));
}

function share(value: number | undefined): number | null {
  return value === undefined ? null : rounded(value);
}

function rounded(value: number): number {
  return Number.parseFloat(value.toPrecision(digits));
}
