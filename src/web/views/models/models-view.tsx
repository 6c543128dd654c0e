import type { ModelListResponse } from '../../../http/routes/service/model-schemas.ts';
import { getJson } from '../../api/client.ts';
import { type Collection, listCollections } from '../../api/collections.ts';
import { useRequest } from '../../api/use-request.ts';
import { routeHref } from '../../app/route.ts';
import { ErrorMessage } from '../../components/error-message.tsx';
import { formatBytes } from '../../components/format-values.ts';
import { Loading } from '../../components/loading.tsx';
import { ModelCard } from './model-card.tsx';
import './models.css';

export type Model = ModelListResponse['data'][number];

/** The models that are served: where each runs, what is in its space, and what was measured of it. */
export function ModelsView() {
  const models = useRequest((signal) => getJson<ModelListResponse>('/v1/models', { signal }), []);
  // A service without collections has models all the same.
  const collections = useRequest((signal) => listCollections(signal).catch(() => undefined), []);
  return (
    <div class="models-view">
      <h1>Models</h1>
      {models.error !== undefined && <ErrorMessage error={models.error} />}
      {models.data === undefined && models.error === undefined && <Loading />}
      {models.data?.data.map((model) => (
        <ModelSection key={model.id} model={model} collections={collections.data} />
      ))}
    </div>
  );
}

interface ModelSectionProps {
  readonly model: Model;
  readonly collections: readonly Collection[] | undefined;
}

function ModelSection({ model, collections }: ModelSectionProps) {
  return (
    <article aria-labelledby={`model-${model.id}`}>
      <h2 id={`model-${model.id}`}>
        {model.id} {model.default && <small class="badge">default</small>}
      </h2>
      <p>{model.description}</p>
      <dl class="model-facts">
        <Fact name="Runs on">
          {model.engines.map(({ device, provider, fallback }) => (
            <span key={device} class="model-engine">
              device {device}: {provider ?? 'starting'}
              {fallback && <small> ({fallback})</small>}
            </span>
          ))}
        </Fact>
        <Fact name="Space">
          <code>{model.space}</code>, {model.dimensions} dimensions
        </Fact>
        <Fact name="Collections in this space">
          <CollectionLinks collections={collections?.filter(({ space }) => space === model.space)} />
        </Fact>
        <Fact name="Visual backbones">
          {model.visual_backbones.join(', ')}, {model.image_size} × {model.image_size} pixels
          {model.grid_views > 1 && `, ${model.grid_views} views of each picture`}
        </Fact>
        <Fact name="Texts">up to {model.max_tokens} tokens</Fact>
        <Fact name="Fusion">{model.fusion_mode}</Fact>
        {model.aliases.length > 0 && <Fact name="Also called">{model.aliases.join(', ')}</Fact>}
        <Fact name="Size">{formatBytes(model.bytes)}</Fact>
        <Fact name="Licence">{model.licence}</Fact>
      </dl>
      <ModelCard id={model.id} />
    </article>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function CollectionLinks({ collections }: { readonly collections: readonly Collection[] | undefined }) {
  if (collections === undefined) return <>not known: this service does not search</>;
  if (collections.length === 0) return <>none yet</>;
  return (
    <ul>
      {collections.map(({ name, panels }) => (
        <li key={name}>
          <a href={routeHref('search', [], { collection: name })}>{name}</a> <small>{panels} panels</small>
        </li>
      ))}
    </ul>
  );
}
