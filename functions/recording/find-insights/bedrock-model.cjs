'use strict';

/** For serverless.yml: the model behind an inference profile. A profile's id is its model's, with where it runs in front. */
module.exports = async ({ resolveVariable }) => {
  const profile = String(await resolveVariable('param:bedrockModel'));
  return { model: profile.replace(/^[a-z-]+\./, '') };
};
