/** Where the clients of several APIs look for the models. */
export const modelsPath = '/v1/models';
