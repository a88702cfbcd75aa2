global using System.Diagnostics.CodeAnalysis;
global using Sotto.Crypto;
global using Sotto.Mls.Presentation;
