import type { Collection } from '../../api/collections.ts';
import { activateModel, type Model } from '../../api/models.ts';
import { useIsAllowed } from '../../api/use-access.ts';
import { routeHref } from '../../app/route.ts';
import { ConfirmButton } from '../../components/confirm-button.tsx';
import { formatBytes } from '../../components/format-values.ts';
import { EvaluationMeasures } from './evaluation-measures.tsx';
import { ModelCard } from './model-card.tsx';

interface ModelSectionProps {
  readonly model: Model;
  /** What requests without a model get */
  readonly active: string | undefined;
  readonly collections: readonly Collection[] | undefined;
  readonly onChange: () => void;
}

/** A model: its state, where it runs, what is in its space, and what was measured of it. */
export function ModelSection({ model, active, collections, onChange }: ModelSectionProps) {
  return (
    <article aria-labelledby={`model-${model.id}`}>
      <h2 id={`model-${model.id}`}>
        {model.id} <small class={`badge badge-${model.state}`}>{model.state}</small>{' '}
        {model.default && <small class="badge">default</small>}
      </h2>
      {model.problem !== null && <p class="model-problem">{model.problem}</p>}
      <p>{model.description}</p>
      <PutIntoService model={model} active={active} onChange={onChange} />
      <dl class="model-facts">
        <Fact name="Runs on">
          {model.engines.length === 0 && (model.served ? 'loaded when it is asked for' : 'not in service')}
          {model.engines.map(({ device, index, provider, fallback }) => (
            <span key={`${device}/${index}`} class="model-engine">
              device {device}, engine {index}: {provider ?? 'starting'}
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
        {model.parent !== null && <Fact name="Trained from">{model.parent.id}</Fact>}
        {model.training_job !== null && (
          <Fact name="Trained by">
            <a href={routeHref('jobs', [model.training_job])}>job {model.training_job.slice(0, 8)}</a>
          </Fact>
        )}
      </dl>
      <EvaluationMeasures measures={model.measures} />
      <ModelCard id={model.id} />
    </article>
  );
}

function PutIntoService({ model: { id, state, space }, active, onChange }: Omit<ModelSectionProps, 'collections'>) {
  const mayChange = useIsAllowed('admin');
  if (!mayChange || id === active || state === 'broken' || state === 'retired') return null;
  const confirm = async (force: boolean) => {
    await activateModel(id, force);
    onChange();
  };
  return (
    <ConfirmButton label="Put into service" title={`Put ${id} into service?`} onConfirm={confirm}>
      <p>
        Requests that name no model get {id} from then on{active !== undefined && `, in place of ${active}`}. It is
        loaded beside what runs, and its files and its vectors are checked first: if anything is refused, nothing
        changes.
      </p>
      <p>
        Its vectors are in the space <code>{space}</code>. “Take back” brings back the model before.
      </p>
    </ConfirmButton>
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
