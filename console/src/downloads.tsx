import { useContext } from 'preact/hooks';
import type { PageFile } from '../../core/page/recording-page.ts';
import { size } from './clock.ts';
import { Watching } from './moment.tsx';

export const Downloads = ({ files }: { files: readonly PageFile[] }) => {
  const { to } = useContext(Watching);
  return (
    <section class="downloads" aria-labelledby="files">
      <h2 id="files">Files</h2>
      {files.length === 0 ? (
        <p class="quiet">Nothing of this recording is in the archive.</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">Kind</th>
              <th scope="col">Size</th>
            </tr>
          </thead>
          <tbody>
            {files.map(({ name, label, extension, bytes }) => (
              <tr key={name}>
                <td>
                  <a href={to.save(name)} dir="auto">
                    {label}
                  </a>
                </td>
                <td class="quiet">{extension.toUpperCase()}</td>
                <td class="quiet">{size(bytes)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
};
