struct Label { 1: string text }
