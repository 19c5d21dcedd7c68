import type { ComponentChildren } from 'preact';
import type { RecordingPage } from '../../core/page/recording-page.ts';
import { span } from './clock.ts';
import { Moment } from './moment.tsx';

type Found = NonNullable<RecordingPage['insights']>;
type Item = { readonly text: string; readonly startMs: number };

const engines: Record<Found['engine'], string> = {
  extractive: 'picked out of the transcript by rules',
  bedrock: 'written by a language model from the transcript',
  symbl: 'found by a speech service',
};

const Items = <One extends Item>({
  title,
  items,
  language,
  about,
}: {
  title: string;
  language: string | undefined;
  items: readonly One[];
  about?: (item: One) => ComponentChildren;
}) =>
  items.length === 0 ? null : (
    <section>
      <h3>{title}</h3>
      <ul class="items">
        {items.map((item, at) => (
          <li key={at}>
            <Moment seconds={item.startMs / 1_000} />
            <div>
              <span class="text" dir="auto" lang={language}>
                {item.text}
              </span>
              {about?.(item)}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );

const Facts = ({ facts }: { facts: readonly (string | undefined)[] }) => {
  const told = facts.filter((fact) => fact !== undefined && fact !== '');
  return told.length === 0 ? null : (
    <span class="quiet facts">
      {told.map((fact, at) => (
        <span key={at}>
          <bdi>{fact}</bdi>
        </span>
      ))}
    </span>
  );
};

const due = (when: string | undefined): string | undefined => (when ? `due ${when}` : undefined);

export const Insights = ({ found }: { found: Found }) => {
  const { summary, chapters, topics, talkTime, language } = found;
  const paragraphs = summary.paragraphs.length > 0 ? summary.paragraphs : [summary.short].filter(Boolean);
  return (
    <section class="insights" aria-labelledby="summary">
      <h2 id="summary">Summary</h2>
      {paragraphs.map((text, at) => (
        <p key={at} dir="auto" lang={language}>
          {text}
        </p>
      ))}
      <Items
        language={language}
        title="Action items"
        items={found.actionItems}
        about={({ assignee, due: when }) => <Facts facts={[assignee, due(when)]} />}
      />
      <Items language={language} title="Decisions" items={found.decisions} />
      <Items
        language={language}
        title="Questions"
        items={found.questions}
        about={({ askedBy, answered, answer }) => (
          <Facts facts={[askedBy, answer ? `Answer: ${answer}` : answered ? 'answered' : 'open']} />
        )}
      />
      <Items
        language={language}
        title="Follow-ups"
        items={found.followUps}
        about={({ assignee, with: who, due: when }) => (
          <Facts facts={[assignee, who ? `with ${who}` : undefined, due(when)]} />
        )}
      />
      <Items
        language={language}
        title="Chapters"
        items={chapters.map(({ title, startMs }) => ({ text: title, startMs }))}
      />
      {topics.length > 0 && (
        <section>
          <h3>Topics</h3>
          <ul class="topics">
            {topics.map(({ text, startMs }, at) => (
              <li key={at}>
                <bdi lang={language}>{text}</bdi> <Moment seconds={startMs / 1_000} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {talkTime.length > 0 && (
        <section>
          <h3>Talk time</h3>
          <ul class="talk">
            {talkTime.map(({ name, seconds, share }, at) => (
              <li key={at}>
                <span dir="auto">{name}</span>
                <span class="bar" aria-hidden="true">
                  <span style={{ width: `${Math.round(Math.min(1, share) * 100)}%` }} />
                </span>
                <span class="quiet">
                  {span(seconds)} · {Math.round(share * 100)} %
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <p class="quiet label">
        Made by software: {engines[found.engine]}
        {found.model ? ` (${found.model})` : ''}. It may be wrong. Check it before you pass it on.
      </p>
    </section>
  );
};
