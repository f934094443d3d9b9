// The engine is compiled Java: it names __filename, and its size warning says nothing new.
module.exports = {
  performance: { hints: false },
  node: { __filename: 'mock' }
};
